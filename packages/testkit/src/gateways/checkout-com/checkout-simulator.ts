import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { GatewayFault } from '../../gateway/faults.ts';
import type { NoticeSender } from '../../gateway/notices.ts';
import { GatewayRefusal } from '../../gateway/protocol.ts';
import { idLetters } from '../../gateway/random-letters.ts';
import {
  type GatewayDesk,
  type GatewayReply,
  type GatewayRequest,
  type GatewayServer,
  type GatewayServerOptions,
  serveGateway,
} from '../../gateway/server.ts';
import type { MoneyReport } from '../money-ledger.ts';
import { CheckoutAccount, type PaymentBody, type StepType, type TokenBody } from './account.ts';
import { type CheckoutAnswer, type CheckoutBody, wrongAnswer, wrongBody } from './schemas.ts';

export interface CheckoutSimulatorOptions extends GatewayServerOptions {
  readonly secretKey: string;
  readonly publicKey: string;
  readonly webhookSecret?: string;
  /** Of a payment, until the list by reference has it. */
  readonly listLagMs?: number;
  readonly nowMs?: () => number;
}

export interface CheckoutSimulator extends GatewayServer {
  ledger(): MoneyReport;
}

/** Starts a sandbox account of Checkout.com. */
export async function startCheckoutSimulator(options: CheckoutSimulatorOptions): Promise<CheckoutSimulator> {
  let desk: CheckoutDesk | undefined;
  const server = await serveGateway((notices) => {
    desk = new CheckoutDesk(options, notices);
    return desk;
  }, options);
  return { ...server, ledger: () => (desk as CheckoutDesk).report() };
}

const KEY_KEPT_MS = 24 * 3_600_000;
const PAYMENT_PATH = /^\/payments\/(pay_\w+)(?:\/(actions|captures|voids|refunds))?$/;
const STEPS = { captures: 'Capture', voids: 'Void', refunds: 'Refund' } as const;

class CheckoutDesk implements GatewayDesk {
  readonly #options: CheckoutSimulatorOptions;
  readonly #account: CheckoutAccount;
  /** Answers of 2xx, by key; whatever else is in the request. */
  readonly #saved = new Map<string, { readonly reply: GatewayReply; readonly at: number }>();
  readonly #nowMs: () => number;

  constructor(options: CheckoutSimulatorOptions, notices: NoticeSender) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#account = new CheckoutAccount((type, data) => this.#tell(notices, type, data), this.#nowMs);
  }

  /** Handing in a card moves no money. */
  faultsOf({ method, path }: GatewayRequest): 'next' | 'lookups' | undefined {
    if (path === '/tokens') return undefined;
    return method === 'POST' ? 'next' : 'lookups';
  }

  answer(request: GatewayRequest, fault?: GatewayFault): GatewayReply {
    this.#checkHeaders(request);
    const key = request.headers['cko-idempotency-key'];
    if (request.method !== 'POST' || request.path === '/tokens' || typeof key !== 'string')
      return this.#execute(request);
    const known = this.#saved.get(`${request.path} ${key}`);
    if (known !== undefined && this.#nowMs() - known.at < KEY_KEPT_MS) {
      this.#account.ledger.replayed();
      return known.reply;
    }
    const reply = this.#execute(request);
    // After an error nothing is kept: the same request runs again.
    if (fault !== '500_after_commit') this.#saved.set(`${request.path} ${key}`, { reply, at: this.#nowMs() });
    return reply;
  }

  refusal(status: number, code: string, _message: string): GatewayReply {
    const error_type = status === 422 ? 'request_invalid' : 'processing_error';
    return this.#reply(status, { request_id: randomUUID(), error_type, error_codes: [code] }, 'error');
  }

  report(): MoneyReport {
    return this.#account.ledger.report();
  }

  #checkHeaders({ method, path, headers }: GatewayRequest): void {
    const { publicKey, secretKey } = this.#options;
    const given = Buffer.from(headers.authorization ?? '');
    const wanted = Buffer.from(path === '/tokens' ? publicKey : `Bearer ${secretKey}`);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      throw new GatewayRefusal(401, 'unauthorized', 'wrong key');
    if (method === 'POST' && headers['content-type'] !== 'application/json')
      throw new GatewayRefusal(400, 'content_type_invalid', 'JSON is needed');
  }

  #execute(request: GatewayRequest): GatewayReply {
    const { method, path, query } = request;
    const account = this.#account;
    switch (`${method} ${path}`) {
      case 'POST /tokens':
        return this.#reply(201, account.addToken(this.#read('POST /tokens', request) as TokenBody), 'token');
      case 'POST /payments':
        return this.#reply(201, account.pay(this.#read('POST /payments', request) as PaymentBody), 'payment');
      case 'GET /payments': {
        const found = account.paymentsOf(query.get('reference') ?? '').filter(this.#isListed);
        const limit = Number(query.get('limit') ?? 10);
        const page = { limit, skip: 0, total_count: found.length, data: found.slice(0, limit) };
        return this.#reply(200, page, 'payments');
      }
    }
    const [, id = '', part = ''] = PAYMENT_PATH.exec(path) ?? [];
    if (id !== '' && method === 'GET' && part === '') return this.#reply(200, account.details(id), 'payment');
    if (id !== '' && method === 'GET' && part === 'actions')
      return this.#reply(200, account.actions(id), 'actions');
    const type: StepType | undefined = STEPS[part as keyof typeof STEPS];
    if (id === '' || method !== 'POST' || type === undefined)
      throw new GatewayRefusal(404, 'not_found', `there is no ${method} ${path} here`);
    const body = this.#read(`POST ${part as keyof typeof STEPS}`, request);
    const { id: action_id, reference } = account.step(id, type, body);
    return this.#reply(202, { action_id, reference, _links: {} }, 'accepted');
  }

  #read(name: CheckoutBody, { body }: GatewayRequest): object {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      throw new GatewayRefusal(400, 'invalid_json', 'the body is not JSON');
    }
    const wrong = wrongBody(name, parsed);
    if (wrong !== undefined) throw new GatewayRefusal(422, 'request_body_invalid', wrong);
    return parsed as object;
  }

  /** An answer that its own description does not allow is a bug here, and must not look like one of ours. */
  #reply(status: number, body: object, name: CheckoutAnswer): GatewayReply {
    // As it goes over the wire: without members that are undefined.
    const wrong = wrongAnswer(name, JSON.parse(JSON.stringify(body)));
    if (wrong !== undefined) throw new Error(`the simulated Checkout.com made a wrong answer: ${wrong}`);
    return { status, body };
  }

  readonly #isListed = (payment: object): boolean =>
    this.#nowMs() - Date.parse((payment as { requested_on: string }).requested_on) >=
    (this.#options.listLagMs ?? 0);

  #tell(notices: NoticeSender, type: string, data: object): void {
    const { webhookSecret } = this.#options;
    if (webhookSecret === undefined) return;
    const created_on = new Date(this.#nowMs()).toISOString();
    const body = JSON.stringify({ id: `evt_${idLetters()}`, type, version: '1.0.29', created_on, data });
    const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'cko-signature': signature };
    notices.send(() => ({ headers, body }));
  }
}
