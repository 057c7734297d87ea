import { plainCardMemory } from '../../capture/card-memory.ts';
import type { Gateway, GatewayCapabilities } from '../gateway.ts';
import { type GatewayOptions, gatewayKind } from '../kind.ts';
import type { ChargeOutcome } from '../outcome.ts';
import { BraintreeApi } from './api.ts';
import { queryCharge } from './find-charge.ts';
import { followUp } from './later-steps.ts';
import { noticeReader } from './notices.ts';
import { outcomeOfCharge, outcomeOfTokenize, readMade, saved } from './outcome-map.ts';
import { chargeBody, tokenizeBody } from './requests.ts';

const CAPABILITIES: GatewayCapabilities = {
  ...{ moto: true, authorize: true, tokenize: true, queryByReference: true },
  ...{ settle: true, partialSettle: true, void: true, refund: true },
  // The gateway rejects duplicates for 30 seconds, and "will not wait on any in-flight transactions": a repetition could charge again.
  replay: false,
  // A void needs the gateway's own id, so what has not arrived yet cannot be undone.
  cancelByReference: false,
  bankAccounts: false,
};

type Options = GatewayOptions<
  'merchant_id' | 'public_key' | 'currency' | 'merchant_account_id',
  'private_key'
>;

/** Braintree, by the protocol of its server libraries. */
export const BRAINTREE = gatewayKind({
  type: 'braintree',
  capabilities: CAPABILITIES,
  liveUrl: 'https://api.braintreegateway.com',
  testUrl: 'https://api.sandbox.braintreegateway.com',
  settings: {
    merchant_id: { example: 'use_your_merchant_id', required: true },
    public_key: { example: 'use_your_public_key', required: true },
    // Of the merchant account: a request names none, so money in another would be taken as this one.
    currency: { example: 'gbp', required: true },
    merchant_account_id: { example: 'contact_centre_gbp', required: false },
  },
  secrets: { private_key: { example: 'file:/run/credentials/sordino/braintree-key', required: true } },
  create: (options: Options) => createBraintreeGateway(options),
});

function createBraintreeGateway({ url, livemode, settings, secrets, ways }: Options): Gateway {
  const { fetchBytes, cardMemory = plainCardMemory } = ways;
  const credentials = {
    ...{ merchantId: settings.merchant_id ?? '', publicKey: settings.public_key ?? '' },
    privateKey: new TextDecoder().decode(secrets.private_key),
  };
  const currency = (settings.currency ?? '').toLowerCase();
  const api = new BraintreeApi(url, credentials, fetchBytes);
  return {
    name: 'braintree',
    livemode,
    capabilities: CAPABILITIES,
    async charge(request, card) {
      const isSaved = request.type === 'tokenize';
      if (!isSaved && request.currency !== currency)
        return { kind: 'failed', code: 'currency_of_another_account' };
      const body = (isSaved ? tokenizeBody : chargeBody)(
        request,
        settings.merchant_account_id,
        card,
        cardMemory,
      );
      if (body === undefined) return { kind: 'failed', code: 'request_too_large' };
      try {
        if (isSaved) {
          const outcome = outcomeOfTokenize(await api.act('POST', '/customers', body.bytes));
          return outcome.kind === 'exists' ? orUnknown(await queryCustomer(api, request.key)) : outcome;
        }
        const outcome = outcomeOfCharge(await api.act('POST', '/transactions', body.bytes), currency);
        // The order id is part of what makes a duplicate, so the other one is ours.
        return outcome.kind === 'duplicate'
          ? orUnknown(await queryCharge(api, request.key, currency))
          : outcome;
      } finally {
        body.wipe();
      }
    },
    query: ({ key, type }) =>
      type === 'tokenize' ? queryCustomer(api, key) : queryCharge(api, key, currency),
    followUp: (request) => followUp(api, request),
    notices: noticeReader(credentials, currency, ways),
  };
}

const NOT_FOUND = 404;

async function queryCustomer(
  api: BraintreeApi,
  key: string,
): Promise<ChargeOutcome | { readonly kind: 'not_found' }> {
  const http = await api.ask(`/customers/${encodeURIComponent(key)}`);
  const customer = readMade(http, 'customer');
  if (customer !== undefined) return saved(customer);
  return http.kind === 'answered' && http.status === NOT_FOUND
    ? { kind: 'not_found' }
    : { kind: 'unknown', code: 'query_failed' };
}

const orUnknown = (outcome: ChargeOutcome | { readonly kind: 'not_found' }): ChargeOutcome =>
  outcome.kind === 'not_found' ? { kind: 'unknown', code: 'duplicate' } : outcome;
