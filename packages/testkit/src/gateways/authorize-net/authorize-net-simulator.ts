import { createHmac, randomUUID } from 'node:crypto';
import type { NoticeSender } from '../../gateway/notices.ts';
import { GatewayRefusal } from '../../gateway/protocol.ts';
import {
  type GatewayDesk,
  type GatewayReply,
  type GatewayRequest,
  type GatewayServer,
  type GatewayServerOptions,
  serveGateway,
} from '../../gateway/server.ts';
import type { MoneyReport } from '../money-ledger.ts';
import { Account, type Transaction } from './account.ts';
import { charged, detailsOf, error, ok, page } from './answers.ts';
import { ProfileDesk } from './profiles.ts';
import { type Call, checkedAnswer, readCall, type TransactionRequest } from './protocol.ts';

export interface AuthorizeNetSimulatorOptions extends GatewayServerOptions {
  readonly apiLoginId?: string;
  readonly transactionKey?: string;
  /** Signs the notices, as text. */
  readonly signatureKey?: string;
  /** The gateway's clock, Unix ms; default: the machine's. */
  readonly nowMs?: () => number;
}

export interface AuthorizeNetSimulator extends GatewayServer {
  report(): MoneyReport;
  /** The nightly settlement. */
  settleBatch(): void;
  /** What the merchant decides about a transaction that is held. */
  review(transId: string, accept: boolean): void;
}

/** A merchant's account at Authorize.Net: transactions, duplicates, batches, saved cards, notices. */
export async function startAuthorizeNetSimulator(
  options: AuthorizeNetSimulatorOptions = {},
): Promise<AuthorizeNetSimulator> {
  const { apiLoginId = 'login', transactionKey = 'key', signatureKey = 'signature' } = options;
  const { nowMs = Date.now, ...rest } = options;
  let account: Account | undefined;
  const server = await serveGateway((notices) => {
    account = new Account(
      (event, transaction) => tell(notices, signatureKey, event, transaction, nowMs()),
      nowMs,
    );
    return new AuthorizeNetDesk(account, apiLoginId, transactionKey);
  }, rest);
  const opened = account;
  if (opened === undefined) throw new Error('the simulated gateway has no account');
  return {
    ...server,
    report: () => opened.report(),
    settleBatch: () => opened.settleBatch(),
    review: (transId, accept) => opened.review(transId, accept),
  };
}

class AuthorizeNetDesk implements GatewayDesk {
  readonly #account: Account;
  readonly #profiles: ProfileDesk;
  readonly #apiLoginId: string;
  readonly #transactionKey: string;

  constructor(account: Account, apiLoginId: string, transactionKey: string) {
    this.#account = account;
    this.#profiles = new ProfileDesk(account);
    this.#apiLoginId = apiLoginId;
    this.#transactionKey = transactionKey;
  }

  /** One address for everything: what is asked is the body's first member. */
  faultsOf({ body }: GatewayRequest): 'next' | 'lookups' | undefined {
    if (/^\{"create/.test(body)) return 'next';
    return body.startsWith('{"get') ? 'lookups' : undefined;
  }

  answer({ method, path, headers, body }: GatewayRequest): GatewayReply {
    if (method !== 'POST' || path !== '/xml/v1/request.api')
      throw new GatewayRefusal(404, 'E00003', `there is no ${method} ${path} here`);
    if (!/^application\/json\b/i.test(headers['content-type'] ?? ''))
      throw new GatewayRefusal(200, 'E00002', 'The content-type specified is not supported.');
    const call = readCall(body);
    const { name, transactionKey } = call.credentials;
    if (name !== this.#apiLoginId || transactionKey !== this.#transactionKey)
      return reply(200, error('E00007', 'User authentication failed due to invalid authentication values.'));
    return reply(200, { ...this.#answer(call), ...(call.refId === undefined ? {} : { refId: call.refId }) });
  }

  refusal(status: number, code: string, message: string): GatewayReply {
    return reply(status, error(/^E\d{5}$/.test(code) ? code : 'E00001', message));
  }

  report(): MoneyReport {
    return this.#account.report();
  }

  #answer({ root, members, refId }: Call): object {
    const account = this.#account;
    switch (root) {
      case 'createTransactionRequest': {
        const request = members.transactionRequest as TransactionRequest;
        return charged(account.do(request, refId), request);
      }
      case 'getTransactionDetailsRequest': {
        const found = account.transaction(String(members.transId));
        return found === undefined ? error('E00040', 'The record cannot be found.') : ok(detailsOf(found));
      }
      case 'getUnsettledTransactionListRequest':
        return page(account.list(undefined), members);
      case 'getTransactionListRequest':
        return page(account.list(String(members.batchId)), members);
      case 'getSettledBatchListRequest':
        return this.#batches(members);
      default:
        return this.#profiles.answer(root, members);
    }
  }

  #batches({ firstSettlementDate, lastSettlementDate }: Call['members']): object {
    const from = Date.parse(String(firstSettlementDate));
    const to = Date.parse(String(lastSettlementDate));
    if (to - from > 31 * 86_400_000) return error('E00013', 'The date range must be at most 31 days.');
    const batchList = this.#account
      .batches()
      .filter(({ settledMs }) => settledMs >= from && settledMs <= to)
      .map(({ batchId, settledMs }) => ({
        ...{ batchId, settlementTimeUTC: new Date(settledMs).toISOString() },
        settlementState: 'settledSuccessfully',
      }));
    return ok(batchList.length === 0 ? {} : { batchList });
  }
}

/** The real gateway's JSON begins with a byte order mark. */
const reply = (status: number, answer: object): GatewayReply => ({
  ...{ status, body: `\uFEFF${JSON.stringify(checkedAnswer(answer))}` },
  headers: { 'content-type': 'application/json; charset=utf-8' },
});

function tell(
  notices: NoticeSender,
  signatureKey: string,
  event: string,
  transaction: Transaction,
  nowMs: number,
): void {
  const { transId, refId, authCode, authAmount, invoiceNumber, verdict } = transaction;
  const notificationId = randomUUID();
  const eventDate = new Date(nowMs).toISOString();
  notices.send(() => {
    const body = JSON.stringify({
      ...{ notificationId, eventType: `net.authorize.payment.${event}`, eventDate },
      webhookId: '63d6fea2-aa13-4b1d-a204-f5fbc15942b7',
      payload: {
        ...{ responseCode: Number(verdict.responseCode), merchantReferenceId: refId, authCode },
        ...{ avsResponse: 'Y', authAmount, invoiceNumber, entityName: 'transaction', id: transId },
      },
    });
    const signature = createHmac('sha512', signatureKey).update(body).digest('hex').toUpperCase();
    return {
      headers: { 'content-type': 'application/json', 'x-anet-signature': `sha512=${signature}` },
      body,
    };
  });
}
