import { plainCardMemory } from '../../capture/card-memory.ts';
import type { ChargeTrace, Gateway, GatewayCapabilities } from '../gateway.ts';
import type { HttpOutcome } from '../http.ts';
import { type GatewayOptions, gatewayKind } from '../kind.ts';
import { worldpayNotices } from './notices.ts';
import { eventsPath, found, outcomeOfEvent, outcomeOfPayment, outcomeOfStep } from './outcome-map.ts';
import { type PaymentWays, paymentBody } from './payment-body.ts';
import { nextStep } from './steps.ts';

const WORLDPAY_CAPABILITIES: GatewayCapabilities = {
  ...{ moto: true, authorize: true, tokenize: false, settle: true, partialSettle: false, void: true },
  // Whole refunds only, see steps.ts. The same payment said again would be another one.
  ...{ refund: true, replay: false, queryByReference: true, cancelByReference: false, bankAccounts: false },
};

/** Below the charge limit of the session service, so that it is the gateway that says what was lost. */
const PAYMENT_TIMEOUT_MS = 15_000;
const STEP_TIMEOUT_MS = 10_000;
const QUERY_TIMEOUT_MS = 5_000;

const MEDIA_TYPE = 'application/vnd.worldpay.payments-v7+json';
const NARRATIVE_MAX = 24;
/** Its count of minor units differs from ISO 4217, and is said to change ("Take a card payment"): a hundredfold is no risk to take. */
const UNSURE_CURRENCIES: ReadonlySet<string> = new Set(['clp', 'cve', 'isk', 'ugx']);
/** Of a memo. */
const PATH_LENGTH_MAX = 255;

type WorldpaySetting = 'entity' | 'username' | 'narrative' | 'billing_country' | 'test_holder_name';
type WorldpaySecret = 'password' | 'event_secret' | 'former_event_secret';

/**
 * Card Payments API v7. It knows no idempotency: nothing is ever said again, a lost answer is looked for by our reference (which may lag 15
 * minutes), and a later step looks at the payment first and follows the link that it finds there.
 */
function createWorldpayGateway(options: GatewayOptions<WorldpaySetting, WorldpaySecret>): Gateway {
  const { url, livemode, settings, secrets, ways } = options;
  const { fetchBytes, hmac, cardMemory = plainCardMemory } = ways;
  const account = readPaymentWays(settings, livemode);
  const password = new TextDecoder().decode(secrets.password);
  const headers = {
    authorization: `Basic ${base64(`${settings.username}:${password}`)}`,
    ...{ accept: MEDIA_TYPE, 'content-type': MEDIA_TYPE },
  };
  const ask = (
    method: 'GET' | 'POST',
    path: string,
    timeoutMs: number,
    body?: Uint8Array,
  ): Promise<HttpOutcome> => fetchBytes({ method, url: `${url}${path}`, headers, body, timeoutMs });
  const lookFor = async ({ key, memo }: ChargeTrace) => {
    const byReference = `/payments/events?transactionRef=${encodeURIComponent(key)}&entity=${encodeURIComponent(account.entity)}`;
    return found(await ask('GET', memo ?? byReference, QUERY_TIMEOUT_MS));
  };
  const eventSecrets = [secrets.event_secret, secrets.former_event_secret].filter(
    (each) => each !== undefined,
  );
  return {
    name: 'worldpay_access',
    livemode,
    capabilities: WORLDPAY_CAPABILITIES,
    async charge(request, card, keep) {
      if (UNSURE_CURRENCIES.has(request.currency)) return { kind: 'failed', code: 'currency_not_supported' };
      const body = paymentBody(request, card, account, cardMemory);
      if (body === undefined) return { kind: 'failed', code: 'request_too_large' };
      try {
        const http = await ask(
          'POST',
          '/cardPayments/customerInitiatedTransactions',
          PAYMENT_TIMEOUT_MS,
          body.bytes,
        );
        const outcome = outcomeOfPayment(http, request.key);
        const path = outcome.kind === 'approved' ? eventsPath(http) : undefined;
        // Shorter to ask there than by our reference. When it cannot be stored, the reference is good enough.
        if (path !== undefined && path.length <= PATH_LENGTH_MAX) await keep(path).catch(() => {});
        return outcome;
      } finally {
        body.wipe();
      }
    },
    async query(charge) {
      const payment = await lookFor(charge);
      if (payment === 'not_found') return { kind: 'not_found' };
      if ('code' in payment) return { kind: 'unknown', code: payment.code };
      return outcomeOfEvent(payment.event, charge.key);
    },
    async followUp(request) {
      const payment = await lookFor(request.charge);
      // Nothing of this step has left.
      if (payment === 'not_found') return { kind: 'not_sent', code: 'gateway_lags' };
      if ('code' in payment) return { kind: 'not_sent', code: payment.code };
      const step = nextStep(request, payment);
      if (!('path' in step)) return step;
      return outcomeOfStep(await ask('POST', step.path, STEP_TIMEOUT_MS), step.taken);
    },
    ...(eventSecrets.length === 0 ? {} : { notices: worldpayNotices({ secrets: eventSecrets, hmac }) }),
  };
}

/** Throws what is wrong with a setting: the process must not start with it. */
function readPaymentWays(
  settings: Readonly<Partial<Record<WorldpaySetting, string>>>,
  livemode: boolean,
): PaymentWays {
  const { entity, username, narrative, billing_country, test_holder_name } = settings;
  if (entity === undefined || username === undefined || narrative === undefined)
    throw new Error('worldpay_access: entity, username and narrative are needed');
  if (narrative.length === 0 || narrative.length > NARRATIVE_MAX)
    throw new Error(`worldpay_access: narrative must be 1 to ${NARRATIVE_MAX} characters`);
  if (billing_country !== undefined && !/^[A-Z]{2}$/.test(billing_country))
    throw new Error('worldpay_access: billing_country must be two capital letters (ISO 3166), such as GB');
  if (test_holder_name !== undefined && livemode)
    throw new Error('worldpay_access: test_holder_name is for Try: leave it out with livemode: true');
  return { entity, narrative, billingCountry: billing_country, testHolderName: test_holder_name };
}

const base64 = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

export const WORLDPAY_ACCESS = gatewayKind<WorldpaySetting, WorldpaySecret>({
  type: 'worldpay_access',
  capabilities: WORLDPAY_CAPABILITIES,
  liveUrl: 'https://access.worldpay.com',
  testUrl: 'https://try.access.worldpay.com',
  settings: {
    entity: { example: 'default', required: true },
    username: { example: 'aBc1dEf2gHi3', required: true },
    narrative: { example: 'EXAMPLE LTD', required: true },
    billing_country: { example: 'GB', required: false },
    test_holder_name: { example: 'REFUSED51', required: false },
  },
  secrets: {
    password: { example: 'file:/run/credentials/sordino/worldpay-password', required: true },
    event_secret: { example: 'file:/run/credentials/sordino/worldpay-events', required: false },
    former_event_secret: { example: 'file:/run/credentials/sordino/worldpay-former-events', required: false },
  },
  create: createWorldpayGateway,
});
