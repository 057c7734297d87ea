import { plainCardMemory } from '../../capture/card-memory.ts';
import type { FollowUpRequest, Gateway, GatewayCapabilities } from '../gateway.ts';
import type { HttpOutcome } from '../http.ts';
import { type GatewayOptions, gatewayKind } from '../kind.ts';
import { hexKey, readPaymentWays } from './account.ts';
import { adyenAmount } from './amount.ts';
import { adyenNotices } from './notices.ts';
import { outcomeOfModification, outcomeOfPayment, outcomeOfSavedCards } from './outcome-map.ts';
import { paymentBody } from './payment-body.ts';

const ADYEN_CAPABILITIES: GatewayCapabilities = {
  ...{
    moto: true,
    authorize: true,
    tokenize: true,
    settle: true,
    partialSettle: true,
    void: true,
    refund: true,
  },
  // A payment cannot be looked up by our reference; a saved card can, and `query` does.
  ...{ replay: true, queryByReference: false, cancelByReference: true, bankAccounts: false },
};

/** Half of the charge limit: a charge whose answer was lost can be said again while its card is here. */
const PAYMENT_TIMEOUT_MS = 10_000;
const STEP_TIMEOUT_MS = 10_000;
const QUERY_TIMEOUT_MS = 5_000;

type AdyenSetting =
  | 'merchant_account'
  | 'live_prefix'
  | 'return_url'
  | 'capture_delay_hours'
  | 'billing_country'
  | 'test_response_code';
type AdyenSecret = 'api_key' | 'hmac_key' | 'former_hmac_key';

/**
 * Checkout API v72. Card and amount go in one call, with our reference as idempotency key; settlements, voids and refunds are only taken by
 * it, and their results come as notices.
 */
function createAdyenGateway(options: GatewayOptions<AdyenSetting, AdyenSecret>): Gateway {
  const { url, livemode, secrets, ways } = options;
  const { fetchBytes, hmac, cardMemory = plainCardMemory } = ways;
  const account = readPaymentWays(options.settings, livemode);
  const { merchantAccount } = account;
  const headers = { 'x-api-key': new TextDecoder().decode(secrets.api_key), accept: 'application/json' };
  const post = (path: string, key: string, body: Uint8Array, timeoutMs: number): Promise<HttpOutcome> =>
    fetchBytes({
      ...{ method: 'POST', url: `${url}${path}`, body, timeoutMs },
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': key },
    });
  const modify = async (path: string, key: string, fields: object) =>
    outcomeOfModification(
      await post(path, key, json({ merchantAccount, reference: key, ...fields }), STEP_TIMEOUT_MS),
    );
  const keys = [secrets.hmac_key, secrets.former_hmac_key].filter((key) => key !== undefined).map(hexKey);
  return {
    name: 'adyen',
    livemode,
    capabilities: ADYEN_CAPABILITIES,
    async charge(request, card) {
      const amount = adyenAmount(request.amount, request.currency);
      if (amount === undefined) return { kind: 'failed', code: 'amount_not_possible' };
      const body = paymentBody(request, amount, card, account, cardMemory);
      if (body === undefined) return { kind: 'failed', code: 'request_too_large' };
      try {
        return outcomeOfPayment(
          await post('/payments', request.key, body.bytes, PAYMENT_TIMEOUT_MS),
          request.type,
        );
      } finally {
        body.wipe();
      }
    },
    async query({ key, type }) {
      if (type !== 'tokenize') return { kind: 'unknown', code: 'not_to_be_looked_up' };
      const query = `merchantAccount=${encodeURIComponent(merchantAccount)}&shopperReference=${encodeURIComponent(key)}`;
      const lookUp = { method: 'GET', url: `${url}/storedPaymentMethods?${query}`, headers } as const;
      return outcomeOfSavedCards(
        await fetchBytes({ ...lookUp, body: undefined, timeoutMs: QUERY_TIMEOUT_MS }),
      );
    },
    cancel: (charge, key) => modify('/cancels', key, { paymentReference: charge.key }),
    async followUp(request) {
      const amount = adyenAmount(request.amount, request.charge.currency);
      if (amount === undefined) return { kind: 'refused', code: 'amount_not_possible' };
      const { kind, key, gatewayId } = request;
      const fields = kind === 'void' ? {} : { amount };
      return modify(`/payments/${encodeURIComponent(gatewayId)}/${verbOf(request)}`, key, fields);
    },
    ...(keys.length === 0 ? {} : { notices: adyenNotices({ merchantAccount, keys, hmac }) }),
  };
}

function verbOf({ kind, charge }: FollowUpRequest): string {
  if (kind === 'settle') return 'captures';
  if (kind === 'refund') return 'refunds';
  // A charge may be settled by now: a reversal cancels it or gives it back, whichever is still to be done.
  return charge.type === 'charge' ? 'reversals' : 'cancels';
}

const json = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

export const ADYEN = gatewayKind<AdyenSetting, AdyenSecret>({
  type: 'adyen',
  capabilities: ADYEN_CAPABILITIES,
  liveUrl: 'https://{live_prefix}-checkout-live.adyenpayments.com/checkout/v72',
  testUrl: 'https://checkout-test.adyen.com/v72',
  settings: {
    merchant_account: { example: 'ExampleCompanyECOM', required: true },
    live_prefix: { example: '1797a841fbb37ca7-ExampleCompany', required: false },
    return_url: { example: 'https://shop.example.com/', required: false },
    capture_delay_hours: { example: '1', required: false },
    billing_country: { example: 'GB', required: false },
    test_response_code: { example: '12', required: false },
  },
  secrets: {
    api_key: { example: 'file:/run/credentials/sordino/adyen-api-key', required: true },
    hmac_key: { example: 'file:/run/credentials/sordino/adyen-hmac-key', required: false },
    former_hmac_key: { example: 'file:/run/credentials/sordino/adyen-former-hmac-key', required: false },
  },
  create: createAdyenGateway,
});
