import { plainCardMemory } from '../../capture/card-memory.ts';
import { isObject, readList, readObject } from '../answer.ts';
import type { ChargeTrace, FollowUpRequest, Gateway } from '../gateway.ts';
import type { HttpOutcome } from '../http.ts';
import { type GatewayOptions, gatewayKind } from '../kind.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';
import {
  CARD_JSON_BYTES_MAX,
  LATER_TIMEOUT_MS,
  LIST_BYTES_MAX,
  LIST_SURE_AFTER_MS,
  PAYMENT_TIMEOUT_MS,
  REPLAY_WITHIN_MS,
  TOKEN_TIMEOUT_MS,
} from './limits.ts';
import { checkoutNotices } from './notices.ts';
import {
  outcomeOfAction,
  outcomeOfCharge,
  outcomeOfFollowUp,
  outcomeOfPayment,
  outcomeOfReplay,
  outcomeOfToken,
} from './outcome-map.ts';
import { actionBody, paymentBody, tokenBody } from './request-body.ts';

type CheckoutOptions = GatewayOptions<
  'prefix' | 'public_key' | 'processing_channel_id',
  'secret_key' | 'webhook_secret'
>;

/**
 * Checkout.com: the card becomes a token that is good for one payment, the token is kept, and a second request moves the money. Its keys
 * guard answers of 2xx only: after an error the same request runs again, and then it is the token that cannot be used twice.
 */
export const CHECKOUT_COM = gatewayKind({
  type: 'checkout_com',
  capabilities: {
    ...{ moto: true, authorize: true, tokenize: true, queryByReference: true },
    ...{ settle: true, partialSettle: true, void: true, refund: true },
    // The card again makes another token: after an error it would be another payment.
    ...{ replay: false, cancelByReference: false, bankAccounts: false },
  },
  liveUrl: 'https://{prefix}.api.checkout.com',
  testUrl: 'https://{prefix}.api.sandbox.checkout.com',
  settings: {
    prefix: { example: 'vkuhvk4v', required: true },
    public_key: { example: 'pk_sbox_…', required: true },
    processing_channel_id: { example: 'pc_q4dbxom5jbgudnjzjpz7j2z6uq', required: false },
  },
  secrets: {
    secret_key: { example: 'file:/run/credentials/sordino/checkout-key', required: true },
    webhook_secret: { example: 'file:/run/credentials/sordino/checkout-webhooks', required: false },
  },
  create: createCheckoutGateway,
});

function createCheckoutGateway(options: CheckoutOptions): Gateway {
  const { livemode, secrets, settings, ways } = options;
  const { webhook_secret } = secrets;
  const api = new CheckoutApi(options);
  const pay = (request: Parameters<typeof paymentBody>[0], token: string, timeoutMs: number) =>
    api.post(
      '/payments',
      paymentBody(request, token, settings.processing_channel_id),
      timeoutMs,
      request.key,
    );
  return {
    name: 'checkout_com',
    livemode,
    capabilities: CHECKOUT_COM.capabilities,
    async charge(request, card, keep) {
      const body = tokenBody(card, ways.cardMemory ?? plainCardMemory, CARD_JSON_BYTES_MAX);
      const handedIn = outcomeOfToken(await api.postCard(body.bytes));
      body.wipe();
      if (handedIn.kind !== 'card') return handedIn;
      try {
        await keep(handedIn.token);
      } catch {
        return { kind: 'not_sent', code: 'memo_not_stored' };
      }
      return outcomeOfCharge(await pay(request, handedIn.token, PAYMENT_TIMEOUT_MS));
    },
    query: (charge) => query(api, charge, ways.clock.wallMs() - charge.created, pay),
    followUp: (request) => followUp(api, request),
    ...(webhook_secret && { notices: checkoutNotices(webhook_secret, ways.hmac) }),
  };
}

class CheckoutApi {
  readonly #options: CheckoutOptions;
  readonly #secretKey: string;

  constructor(options: CheckoutOptions) {
    const { livemode, secrets, settings } = options;
    this.#secretKey = new TextDecoder().decode(secrets.secret_key);
    for (const key of [this.#secretKey, settings.public_key ?? ''])
      if (/^[ps]k_(sbox|test)_/.test(key) === livemode)
        throw new Error(`checkout_com: a key is of the other mode, and livemode is ${livemode}`);
    this.#options = options;
  }

  /** Cards go in with the public key, as it is: only secret keys are bearer tokens. */
  postCard(body: Uint8Array): Promise<HttpOutcome> {
    const headers = {
      authorization: this.#options.settings.public_key ?? '',
      'content-type': 'application/json',
    };
    return this.#send('POST', '/tokens', headers, body, TOKEN_TIMEOUT_MS);
  }

  post(path: string, body: Uint8Array, timeoutMs: number, key: string): Promise<HttpOutcome> {
    const headers = { 'content-type': 'application/json', 'cko-idempotency-key': key };
    return this.#send('POST', path, { ...this.#authorization, ...headers }, body, timeoutMs);
  }

  get(path: string): Promise<HttpOutcome> {
    return this.#send('GET', path, this.#authorization, undefined, LATER_TIMEOUT_MS);
  }

  get #authorization() {
    return { authorization: `Bearer ${this.#secretKey}` };
  }

  #send(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
    timeoutMs: number,
  ): Promise<HttpOutcome> {
    const { url, ways } = this.#options;
    return ways.fetchBytes({ method, url: `${url}${path}`, headers, body, timeoutMs });
  }
}

type Found = ChargeOutcome | { readonly kind: 'not_found' };

/** Looks first: only an answer of 2xx is said again. What is not listed may be finished at first, for its token is good for one payment only. */
async function query(
  api: CheckoutApi,
  charge: ChargeTrace,
  ageMs: number,
  pay: (request: ChargeTrace, token: string, timeoutMs: number) => Promise<HttpOutcome>,
): Promise<Found> {
  // Without a token that was kept nothing that moves money was ever sent.
  if (charge.memo === null) return { kind: 'not_found' };
  const found = await find(api, charge.key);
  if (found.kind !== 'not_found') return found;
  if (charge.mayFinish && ageMs < REPLAY_WITHIN_MS) {
    const replayed = outcomeOfReplay(await pay(charge, charge.memo, LATER_TIMEOUT_MS));
    const isTokenGone = replayed.kind === 'unknown' && replayed.code.startsWith('token_');
    if (!isTokenGone) return replayed;
  }
  return ageMs < LIST_SURE_AFTER_MS ? { kind: 'unknown', code: 'not_found_yet' } : found;
}

async function find(api: CheckoutApi, key: string): Promise<Found> {
  const list = listOf(await api.get(`/payments?limit=1&reference=${encodeURIComponent(key)}`));
  if (list === undefined) return { kind: 'unknown', code: 'query_failed' };
  const [payment] = list;
  if (payment === undefined) return { kind: 'not_found' };
  const id = typeof payment.id === 'string' ? encodeURIComponent(payment.id) : '';
  const details = objectOf(await api.get(`/payments/${id}`));
  const actions = listOf(await api.get(`/payments/${id}/actions`));
  if (details === undefined || actions === undefined) return { kind: 'unknown', code: 'query_failed' };
  return outcomeOfPayment(
    details,
    actions.find(({ type }) => type === 'Authorization' || type === 'Card Verification'),
  );
}

const PATHS = { settle: 'captures', void: 'voids', refund: 'refunds' } as const;

/** Looks first: after an error the same request would run again. */
async function followUp(api: CheckoutApi, request: FollowUpRequest): Promise<FollowUpOutcome> {
  const { kind, key, gatewayId } = request;
  const path = `/payments/${encodeURIComponent(gatewayId)}`;
  const actions = listOf(await api.get(`${path}/actions`));
  if (actions === undefined) return { kind: 'unknown', code: 'query_failed' };
  const made = actions.find(({ reference }) => reference === key);
  return made === undefined
    ? outcomeOfFollowUp(await api.post(`${path}/${PATHS[kind]}`, actionBody(request), LATER_TIMEOUT_MS, key))
    : outcomeOfAction(made);
}

const objectOf = (http: HttpOutcome): Record<string, unknown> | undefined =>
  http.kind === 'answered' && http.status === 200 ? readObject(http.body, LIST_BYTES_MAX) : undefined;

/** Payments are a page with `data`, actions a bare list. */
function listOf(http: HttpOutcome): readonly Record<string, unknown>[] | undefined {
  if (http.kind !== 'answered' || http.status !== 200) return undefined;
  const data: unknown = objectOf(http)?.data ?? readList(http.body, LIST_BYTES_MAX);
  return Array.isArray(data) ? data.filter(isObject) : undefined;
}
