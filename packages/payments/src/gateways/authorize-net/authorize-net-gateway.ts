import { plainCardMemory } from '../../capture/card-memory.ts';
import type { ChargeRequest, Gateway, GatewayCapabilities } from '../gateway.ts';
import { type GatewayOptions, gatewayKind } from '../kind.ts';
import type { ChargeOutcome } from '../outcome.ts';
import { firstOf, readAnswer } from './answers.ts';
import { AuthorizeNetApi } from './api.ts';
import { outcomeOfDetails, readDetails } from './details.ts';
import { findTransaction } from './find-transaction.ts';
import { followUp } from './later-steps.ts';
import { noticeReader } from './notices.ts';
import { outcomeOfCharge, outcomeOfTokenize, saved } from './outcome-map.ts';
import { DUPLICATE_REASON, declined } from './reason-codes.ts';
import { chargeBody, referenceOf, tokenizeBody } from './requests.ts';

const CAPABILITIES: GatewayCapabilities = {
  ...{ moto: true, authorize: true, tokenize: true, queryByReference: true },
  ...{ settle: true, partialSettle: true, void: true, refund: true },
  // The gateway finds duplicates, but nowhere says that it waits for the first to be done: a repetition beside it might charge again.
  replay: false,
  // A void needs the gateway's own id, so what has not arrived yet cannot be undone.
  cancelByReference: false,
  bankAccounts: false,
};

type Options = GatewayOptions<'api_login_id', 'transaction_key' | 'signature_key'>;

/** Authorize.Net's JSON API. */
export const AUTHORIZE_NET = gatewayKind({
  type: 'authorize_net',
  capabilities: CAPABILITIES,
  liveUrl: 'https://api.authorize.net',
  testUrl: 'https://apitest.authorize.net',
  settings: { api_login_id: { example: '5KP3u95bQpv', required: true } },
  secrets: {
    transaction_key: { example: 'file:/run/credentials/sordino/authorize-net-key', required: true },
    signature_key: { example: 'file:/run/credentials/sordino/authorize-net-signature', required: false },
  },
  create: (options: Options) => createAuthorizeNetGateway(options),
});

function createAuthorizeNetGateway({ url, livemode, settings, secrets, ways }: Options): Gateway {
  const { fetchBytes, clock, cardMemory = plainCardMemory } = ways;
  const name = settings.api_login_id ?? '';
  const transactionKey = new TextDecoder().decode(secrets.transaction_key);
  const api = new AuthorizeNetApi(url, { name, transactionKey }, fetchBytes);
  return {
    name: 'authorize_net',
    livemode,
    capabilities: CAPABILITIES,
    async charge(request, card) {
      const make = request.type === 'tokenize' ? tokenizeBody : chargeBody;
      const body = make(api.credentials, request, card, cardMemory);
      if (body === undefined) return { kind: 'failed', code: 'request_too_large' };
      try {
        const http = await api.act(body.bytes);
        if (request.type === 'tokenize') {
          const outcome = outcomeOfTokenize(http);
          return outcome.kind === 'exists' ? known(await queryProfile(api, request)) : outcome;
        }
        const outcome = outcomeOfCharge(http);
        return outcome.kind === 'duplicate' ? await original(api, request, outcome.transId) : outcome;
      } finally {
        body.wipe();
      }
    },
    async query(trace) {
      if (trace.type === 'tokenize') return await queryProfile(api, trace);
      const found = await findTransaction(api, referenceOf(trace.key), trace.created, clock.wallMs());
      if (found === 'nowhere') return { kind: 'not_found' };
      return found === 'failed' ? QUERY_FAILED : await outcomeOf(api, found.transId);
    },
    followUp: (request) => followUp(api, request, clock.wallMs()),
    ...(secrets.signature_key === undefined
      ? {}
      : { notices: noticeReader(secrets.signature_key, ways.hmac) }),
  };
}

const QUERY_FAILED = { kind: 'unknown', code: 'query_failed' } as const;

async function outcomeOf(api: AuthorizeNetApi, transId: string): Promise<ChargeOutcome> {
  const details = readDetails(await api.ask('getTransactionDetailsRequest', { transId }));
  return details === undefined ? QUERY_FAILED : outcomeOfDetails(details);
}

/** The gateway took this for the repetition of another: it is ours only if it has our invoice number. */
async function original(
  api: AuthorizeNetApi,
  { key }: ChargeRequest,
  transId: string,
): Promise<ChargeOutcome> {
  const details = readDetails(await api.ask('getTransactionDetailsRequest', { transId }));
  if (details === undefined) return { kind: 'unknown', code: 'duplicate' };
  if (details.invoiceNumber === referenceOf(key)) return outcomeOfDetails(details);
  return declined(DUPLICATE_REASON);
}

const NO_SUCH_RECORD = 'E00040';

async function queryProfile(
  api: AuthorizeNetApi,
  { key }: Pick<ChargeRequest, 'key'>,
): Promise<ChargeOutcome | { readonly kind: 'not_found' }> {
  const answer = readAnswer(
    await api.ask('getCustomerProfileRequest', { merchantCustomerId: referenceOf(key) }),
  );
  if (answer?.code === NO_SUCH_RECORD) return { kind: 'not_found' };
  const profile = firstOf(answer?.members.profile);
  if (answer?.isOk !== true || profile === undefined) return QUERY_FAILED;
  return saved(profile.customerProfileId, firstOf(profile.paymentProfiles)?.customerPaymentProfileId);
}

const known = (outcome: ChargeOutcome | { readonly kind: 'not_found' }): ChargeOutcome =>
  outcome.kind === 'not_found' ? QUERY_FAILED : outcome;
