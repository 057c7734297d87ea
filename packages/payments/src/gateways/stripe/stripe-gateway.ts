import { plainCardMemory } from '../../capture/card-memory.ts';
import { isObject, readObject } from '../answer.ts';
import type { ChargeRequest, ChargeTrace, FollowUpRequest, Gateway } from '../gateway.ts';
import type { HttpOutcome } from '../http.ts';
import { type GatewayOptions, gatewayKind } from '../kind.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';
import {
  CARD_FORM_BYTES_MAX,
  CARD_TIMEOUT_MS,
  CONFIRM_TIMEOUT_MS,
  LATER_TIMEOUT_MS,
  REFUNDS_MAX,
  REPLAY_WITHIN_MS,
  SEARCH_SURE_AFTER_MS,
} from './limits.ts';
import { stripeNotices } from './notices.ts';
import {
  isDoneAlready,
  outcomeOfCard,
  outcomeOfCharge,
  outcomeOfFollowUp,
  outcomeOfIntent,
  outcomeOfReplay,
  outcomeOfStep,
} from './outcome-map.ts';
import { captureForm, cardForm, paymentForm, refundForm, setupForm } from './request-body.ts';

/** The version whose fields are read here: an account may have any other by default. */
const API_VERSION = '2026-10-28.endive';

/** A page of refunds; the transport takes no more. */
const LIST_BYTES_MAX = 262_144;

type StripeOptions = GatewayOptions<never, 'secret_key' | 'webhook_secret'>;

/** Stripe: the card goes in alone (`payment_methods`), its id is kept, and a second request moves the money: that one can be said again. */
export const STRIPE = gatewayKind({
  type: 'stripe',
  capabilities: {
    ...{ moto: true, authorize: true, tokenize: true, replay: true, queryByReference: true },
    ...{ settle: true, partialSettle: true, void: true, refund: true },
    // A search lags behind, so it cannot say that there is nothing to cancel. Bank accounts have no telephone form.
    ...{ cancelByReference: false, bankAccounts: false },
  },
  // One address for both: the key decides.
  liveUrl: 'https://api.stripe.com',
  testUrl: 'https://api.stripe.com',
  settings: {},
  secrets: {
    secret_key: { example: 'file:/run/credentials/sordino/stripe-key', required: true },
    webhook_secret: { example: 'file:/run/credentials/sordino/stripe-webhooks', required: false },
  },
  create: createStripeGateway,
});

function createStripeGateway(options: StripeOptions): Gateway {
  const { livemode, secrets, ways } = options;
  const { webhook_secret } = secrets;
  const api = new StripeApi(options);
  return {
    name: 'stripe',
    livemode,
    capabilities: STRIPE.capabilities,
    async charge(request, card, keep) {
      const form = cardForm(card, ways.cardMemory ?? plainCardMemory, CARD_FORM_BYTES_MAX);
      const handedIn = outcomeOfCard(
        // The same card under the same key has the same id, so that all of a charge can be repeated.
        await api.post('/v1/payment_methods', `${request.key}-card`, form.bytes, CARD_TIMEOUT_MS),
      );
      form.wipe();
      if (handedIn.kind !== 'card') return handedIn;
      try {
        await keep(handedIn.id);
      } catch {
        return { kind: 'not_sent', code: 'memo_not_stored' };
      }
      return outcomeOfCharge(await confirm(api, request, handedIn.id, CONFIRM_TIMEOUT_MS));
    },
    query: (charge) => query(api, charge, ways.clock.wallMs() - charge.created),
    followUp: (request) => followUp(api, request),
    ...(webhook_secret && { notices: stripeNotices(webhook_secret, livemode, ways.hmac) }),
  };
}

class StripeApi {
  readonly #options: StripeOptions;
  readonly #authorization: string;

  constructor(options: StripeOptions) {
    const key = new TextDecoder().decode(options.secrets.secret_key);
    if (key.includes(options.livemode ? '_test_' : '_live_'))
      throw new Error(`stripe: secret_key is of the other mode, and livemode is ${options.livemode}`);
    this.#options = options;
    this.#authorization = `Bearer ${key}`;
  }

  post(path: string, key: string, body: Uint8Array, timeoutMs = LATER_TIMEOUT_MS): Promise<HttpOutcome> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'idempotency-key': key };
    return this.#send('POST', path, headers, body, timeoutMs);
  }

  get(path: string, fields: Readonly<Record<string, string>> = {}): Promise<HttpOutcome> {
    const query = String(new URLSearchParams(fields));
    return this.#send('GET', query === '' ? path : `${path}?${query}`, {}, undefined, LATER_TIMEOUT_MS);
  }

  #send(
    method: 'GET' | 'POST',
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array | undefined,
    timeoutMs: number,
  ): Promise<HttpOutcome> {
    const { url, ways } = this.#options;
    const own = { authorization: this.#authorization, 'stripe-version': API_VERSION };
    return ways.fetchBytes({
      ...{ method, url: `${url}${path}`, body, timeoutMs },
      headers: { ...own, ...headers },
    });
  }
}

/** Moves the money. Said again with the same key, it gives the first answer again. */
function confirm(
  api: StripeApi,
  request: ChargeRequest,
  card: string,
  timeoutMs: number,
): Promise<HttpOutcome> {
  return request.type === 'tokenize'
    ? api.post('/v1/setup_intents', request.key, setupForm(request, card), timeoutMs)
    : api.post('/v1/payment_intents', request.key, paymentForm(request, card), timeoutMs);
}

async function query(
  api: StripeApi,
  charge: ChargeTrace,
  ageMs: number,
): Promise<ChargeOutcome | { readonly kind: 'not_found' }> {
  // Without a card that was kept nothing that moves money was ever sent.
  if (charge.memo === null) return { kind: 'not_found' };
  if (charge.mayFinish && ageMs < REPLAY_WITHIN_MS) {
    const replayed = outcomeOfReplay(await confirm(api, charge, charge.memo, LATER_TIMEOUT_MS));
    // Stripe says a failure of its own again too, so what it made has to be looked for.
    if (replayed.kind !== 'unknown') return replayed;
  }
  const found = await find(api, charge, charge.memo);
  return found.kind === 'not_found' && ageMs < SEARCH_SURE_AFTER_MS
    ? { kind: 'unknown', code: 'not_found_yet' }
    : found;
}

async function find(
  api: StripeApi,
  { type, key }: ChargeTrace,
  card: string,
): Promise<ChargeOutcome | { readonly kind: 'not_found' }> {
  const isSetup = type === 'tokenize';
  const http = isSetup
    ? await api.get('/v1/setup_intents', { payment_method: card, limit: '1' })
    : await api.get('/v1/payment_intents/search', {
        query: `metadata['sordino_key']:'${key}'`,
        limit: '1',
        'expand[0]': 'data.latest_charge',
      });
  const list = listOf(http);
  if (list === undefined) return { kind: 'unknown', code: 'query_failed' };
  const [intent] = list;
  return intent === undefined ? { kind: 'not_found' } : outcomeOfIntent(intent);
}

/** Looks first: a key is kept for a day, and a failure is said again for as long. */
async function followUp(api: StripeApi, request: FollowUpRequest): Promise<FollowUpOutcome> {
  const { kind, key, gatewayId } = request;
  if (kind === 'refund') {
    const list = listOf(
      await api.get('/v1/refunds', { payment_intent: gatewayId, limit: String(REFUNDS_MAX) }),
    );
    if (list === undefined) return { kind: 'unknown', code: 'query_failed' };
    const made = list.find(({ metadata }) => isObject(metadata) && metadata.sordino_key === key);
    return made === undefined
      ? outcomeOfFollowUp(await api.post('/v1/refunds', key, refundForm(request)))
      : outcomeOfStep(made);
  }
  const path = `/v1/payment_intents/${encodeURIComponent(gatewayId)}`;
  const seen = await api.get(path);
  if (seen.kind === 'answered' && isDoneAlready(readObject(seen.body), kind, request.amount))
    return { kind: 'done', gatewayId };
  return outcomeOfFollowUp(
    kind === 'settle'
      ? await api.post(`${path}/capture`, key, captureForm(request))
      : await api.post(`${path}/cancel`, key, new Uint8Array(0)),
  );
}

function listOf(http: HttpOutcome): Record<string, unknown>[] | undefined {
  const data =
    http.kind === 'answered' && http.status === 200 ? readObject(http.body, LIST_BYTES_MAX)?.data : undefined;
  return Array.isArray(data) ? data.filter(isObject) : undefined;
}
