import { createHash, createHmac } from 'node:crypto';
import type { NoticeSender } from '../../gateway/notices.ts';
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
import { bare, describe, invalid, made, unverified, xml } from './answers.ts';
import { readBody } from './schemas.ts';
import { toXml } from './to-xml.ts';

export interface BraintreeSimulatorOptions extends GatewayServerOptions {
  readonly merchantId?: string;
  readonly publicKey?: string;
  readonly privateKey?: string;
  /** Of the merchant account. */
  readonly currency?: string;
  /** The gateway's clock, Unix ms; default: the machine's. */
  readonly nowMs?: () => number;
}

export interface BraintreeSimulator extends GatewayServer {
  report(): MoneyReport;
  /** The nightly settlement; a notice tells of each sale. */
  settleBatch(): void;
}

interface Keys {
  readonly merchantId: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

/** A merchant's account at Braintree: transactions, duplicates, settlement, saved cards, notices. */
export async function startBraintreeSimulator(
  options: BraintreeSimulatorOptions = {},
): Promise<BraintreeSimulator> {
  const { merchantId = 'merchant', publicKey = 'public', privateKey = 'private' } = options;
  const { currency = 'gbp', nowMs = Date.now, ...rest } = options;
  const account = new Account(currency, nowMs);
  const keys = { merchantId, publicKey, privateKey };
  const server = await serveGateway(() => new BraintreeDesk(account, keys), rest);
  return {
    ...server,
    report: () => account.report(),
    settleBatch: () => {
      for (const sale of account.settleBatch())
        tell(server.notices, keys, 'transaction_disbursed', account, sale);
    },
  };
}

class BraintreeDesk implements GatewayDesk {
  readonly #account: Account;
  readonly #authorization: string;
  readonly #base: string;

  constructor(account: Account, { merchantId, publicKey, privateKey }: Keys) {
    this.#account = account;
    this.#base = `/merchants/${merchantId}`;
    this.#authorization = `Basic ${Buffer.from(`${publicKey}:${privateKey}`).toString('base64')}`;
  }

  faultsOf({ method, path }: GatewayRequest): 'next' | 'lookups' | undefined {
    if (!path.startsWith('/merchants/')) return undefined;
    return method === 'GET' || path.endsWith('/advanced_search_ids') ? 'lookups' : 'next';
  }

  answer(request: GatewayRequest): GatewayReply {
    const { method, path, headers, body } = request;
    if (headers.authorization !== this.#authorization) return bare(401);
    if (headers['x-apiversion'] !== '6') return bare(426);
    if (!path.startsWith(this.#base)) return bare(403);
    if (body !== '' && !/^application\/json\b/.test(headers['content-type'] ?? '')) return bare(415);
    const account = this.#account;
    const now = account.nowMs();
    switch (`${method} ${path.slice(this.#base.length)}`) {
      case 'POST /transactions': {
        const sale = account.sale(readBody('sale', body), now);
        return 'invalid' in sale ? invalid('transaction', sale) : made(account, sale);
      }
      case 'POST /transactions/advanced_search_ids': {
        const orderId = readBody('search', body).search.order_id?.is;
        const ids = account.byOrder(orderId).map(({ id }) => id);
        return xml(200, 'search_results', { page_size: 50, ids });
      }
      case 'POST /customers': {
        const saved = account.save(readBody('customer', body), now);
        if ('invalid' in saved) return invalid('customer', saved);
        return 'verification' in saved ? unverified(saved.verification) : this.#customer(saved.id, 201);
      }
    }
    return this.#onOne(request, path.slice(this.#base.length));
  }

  refusal(status: number): GatewayReply {
    return bare(status);
  }

  report(): MoneyReport {
    return this.#account.report();
  }

  #onOne({ method, body }: GatewayRequest, path: string): GatewayReply {
    const [, kind = '', id = '', verb = ''] = /^\/(\w+)\/([\w-]+)(?:\/(\w+))?$/.exec(path) ?? [];
    if (method === 'GET' && kind === 'customers') return this.#customer(id, 200);
    const account = this.#account;
    const transaction = kind === 'transactions' ? account.transaction(id) : undefined;
    if (transaction === undefined) return bare(404);
    switch (`${method} ${verb}`) {
      case 'GET ':
        return xml(200, 'transaction', describe(account, transaction));
      case 'PUT void':
        return this.#after(transaction, account.void(transaction));
      case 'PUT submit_for_settlement': {
        const { amount } = readBody('amount', body).transaction;
        return this.#after(transaction, account.submit(transaction, amount));
      }
      case 'POST refund': {
        const credit = account.refund(transaction, readBody('amount', body));
        return 'invalid' in credit ? invalid('transaction', credit) : made(account, credit);
      }
      default:
        return bare(404);
    }
  }

  #after(transaction: Transaction, wrong: ReturnType<Account['void']>): GatewayReply {
    return wrong === undefined
      ? xml(200, 'transaction', describe(this.#account, transaction))
      : invalid('transaction', wrong);
  }

  #customer(id: string, status: number): GatewayReply {
    const customer = this.#account.customer(id);
    if (customer === undefined) return bare(404);
    const { token, last4 } = customer;
    return xml(status, 'customer', { id, credit_cards: [{ token, last_4: last4, customer_id: id }] });
  }
}

function tell(
  notices: NoticeSender,
  { publicKey, privateKey }: Keys,
  kind: string,
  account: Account,
  transaction: Transaction,
): void {
  const timestamp = `${new Date(account.nowMs()).toISOString().slice(0, 19)}Z`;
  const subject = { transaction: describe(account, transaction) };
  const notification = toXml('notification', { timestamp, kind, subject });
  const payload = `${Buffer.from(notification).toString('base64')}\n`;
  const key = createHash('sha1').update(privateKey).digest();
  const signature = `${publicKey}|${createHmac('sha1', key).update(payload).digest('hex')}`;
  notices.send(() => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ bt_signature: signature, bt_payload: payload }).toString(),
  }));
}
