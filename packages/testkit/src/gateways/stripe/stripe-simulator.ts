import { createHmac, timingSafeEqual } from 'node:crypto';
import qs from 'qs';
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
import {
  CardDeclined,
  type ConfirmParams,
  type PaymentParams,
  type RefundParams,
  StripeAccount,
} from './account.ts';
import { StripeDescription } from './description.ts';
import { SavedAnswers } from './idempotency.ts';
import type { CardParams, Intent, Payment } from './objects.ts';
import { type StripeAnswerName, type StripeRoute, wrongAnswer, wrongRequest } from './schemas.ts';

export interface StripeSimulatorOptions extends GatewayServerOptions {
  readonly secretKey: string;
  readonly webhookSecret?: string;
  /** Stripe's published OpenAPI description: requests and answers are held against it too. */
  readonly description?: object;
  /** False: an account that Stripe has not enabled for telephone orders. */
  readonly moto?: boolean;
  /** Of a payment, until a search finds it. */
  readonly searchLagMs?: number;
  readonly nowMs?: () => number;
}

export interface StripeSimulator extends GatewayServer {
  ledger(): MoneyReport;
}

/** Starts a Stripe account in test mode. */
export async function startStripeSimulator(options: StripeSimulatorOptions): Promise<StripeSimulator> {
  let desk: StripeDesk | undefined;
  const server = await serveGateway((notices) => {
    desk = new StripeDesk(options, notices);
    return desk;
  }, options);
  return { ...server, ledger: () => (desk as StripeDesk).report() };
}

const INTENT_PATH = /^\/v1\/payment_intents\/(pi_\w+)(\/capture|\/cancel)?$/;

class StripeDesk implements GatewayDesk {
  readonly #options: StripeSimulatorOptions;
  readonly #description: StripeDescription | undefined;
  readonly #account: StripeAccount;
  readonly #saved = new SavedAnswers();
  readonly #nowMs: () => number;

  constructor(options: StripeSimulatorOptions, notices: NoticeSender) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#description = options.description && new StripeDescription(options.description);
    this.#account = new StripeAccount((type, object) => this.#tell(notices, type, object), this.#nowMs);
  }

  /** Handing in a card moves no money. */
  faultsOf({ method, path }: GatewayRequest): 'next' | 'lookups' | undefined {
    if (path === '/v1/payment_methods') return undefined;
    return method === 'POST' ? 'next' : 'lookups';
  }

  answer(request: GatewayRequest, fault?: GatewayFault): GatewayReply {
    const { method, path, headers, body } = request;
    this.#checkHeaders(request);
    const key = headers['idempotency-key'];
    if (method !== 'POST' || typeof key !== 'string') return this.#execute(request);
    const known = this.#saved.find(key, `${path} ${body}`, this.#nowMs());
    if (known !== undefined) {
      this.#account.ledger.replayed();
      return known;
    }
    const reply = this.#execute(request);
    const saved = fault === '500_after_commit' ? this.refusal(500, 'internal_error', 'it failed') : reply;
    this.#saved.save(key, `${path} ${body}`, saved, this.#nowMs());
    return reply;
  }

  refusal(status: number, code: string, message: string): GatewayReply {
    const type =
      status >= 500
        ? 'api_error'
        : code === 'idempotency_error'
          ? 'idempotency_error'
          : 'invalid_request_error';
    return {
      status,
      body: this.#checked(
        { error: { type, ...(type === 'invalid_request_error' && { code }), message } },
        'error',
      ),
    };
  }

  report(): MoneyReport {
    return this.#account.ledger.report();
  }

  #checkHeaders({ method, headers }: GatewayRequest): void {
    const given = Buffer.from(headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${this.#options.secretKey}`);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      throw new GatewayRefusal(401, 'invalid_api_key', 'invalid API key');
    if (!/^\d{4}-\d{2}-\d{2}(\.\w+)?$/.test(String(headers['stripe-version'] ?? '')))
      throw new GatewayRefusal(400, 'invalid_version', 'Stripe-Version is missing or no version');
    if (method === 'POST' && headers['content-type'] !== 'application/x-www-form-urlencoded')
      throw new GatewayRefusal(400, 'invalid_content_type', 'a form is needed');
  }

  #execute(request: GatewayRequest): GatewayReply {
    try {
      return { status: 200, body: this.#do(request) };
    } catch (error) {
      if (error instanceof CardDeclined) return { status: 402, body: this.#checked(error.body, 'error') };
      throw error;
    }
  }

  #do(request: GatewayRequest): object {
    const [, intent = '', step] = INTENT_PATH.exec(request.path) ?? [];
    const path = intent === '' ? request.path : `/v1/payment_intents/{intent}${step ?? ''}`;
    const route = `${request.method} ${path}` as StripeRoute;
    const params = this.#read(route, request);
    const account = this.#account;
    switch (route) {
      case 'POST /v1/payment_methods': {
        const { card, billing_details } = params as {
          card: CardParams;
          billing_details?: { address?: { postal_code?: string } };
        };
        return this.#checked(account.addCard(card, billing_details?.address?.postal_code), 'payment_method');
      }
      case 'POST /v1/payment_intents':
        return this.#payment(account.pay(this.#withMoto(params as PaymentParams)), params);
      case 'POST /v1/setup_intents':
        return this.#checked(account.save(this.#withMoto(params as ConfirmParams)), 'setup_intent');
      case 'POST /v1/payment_intents/{intent}/capture':
        return this.#payment(
          account.capture(intent, (params as { amount_to_capture?: number }).amount_to_capture),
          params,
        );
      case 'POST /v1/payment_intents/{intent}/cancel':
        return this.#payment(account.cancel(intent), params);
      case 'GET /v1/payment_intents/{intent}':
        return this.#payment(account.payment(intent), params);
      case 'POST /v1/refunds':
        return this.#checked(account.refund(params as RefundParams), 'refund');
      case 'GET /v1/payment_intents/search': {
        const [, key = ''] = /:'([^']+)'$/.exec((params as { query: string }).query) ?? [];
        return this.#list('search_result', path, account.paymentsOf(key).filter(this.#isFound), params);
      }
      case 'GET /v1/setup_intents':
        return this.#list(
          'list',
          path,
          account.setupsOf((params as { payment_method: string }).payment_method),
        );
      case 'GET /v1/refunds':
        return this.#list(
          'list',
          path,
          account.refundsOf((params as { payment_intent: string }).payment_intent),
        );
    }
  }

  #read(route: StripeRoute, { method, body, query }: GatewayRequest): object {
    const params = qs.parse(method === 'POST' ? body : query.toString(), { depth: 5 });
    const [, path = ''] = route.split(' ');
    const wrong =
      (method === 'POST' ? this.#description?.wrongForm(path, params) : undefined) ??
      wrongRequest(route, params);
    if (wrong !== undefined) throw new GatewayRefusal(400, 'parameter_invalid', wrong);
    return params;
  }

  #withMoto<Params extends ConfirmParams>(params: Params): Params {
    if (this.#options.moto === false && params.payment_method_options?.card?.moto !== undefined)
      throw new GatewayRefusal(400, 'parameter_unknown', 'payment_method_options[card][moto]');
    return params;
  }

  readonly #isFound = ({ created }: Intent): boolean =>
    this.#nowMs() - created * 1_000 >= (this.#options.searchLagMs ?? 0);

  /** An expandable field is an id, unless the client asked for more. */
  #payment(payment: Payment, params: object, expanded = 'latest_charge'): object {
    const { expand = [] } = params as { expand?: readonly string[] };
    const latest_charge = expand.includes(expanded) ? payment.latest_charge : payment.latest_charge.id;
    return this.#checked({ ...payment, latest_charge }, 'payment_intent');
  }

  #list(object: string, url: string, found: readonly object[], params?: object): object {
    const data = found.map((one) =>
      params === undefined ? one : this.#payment(one as Payment, params, 'data.latest_charge'),
    );
    return this.#checked({ object, url, data, has_more: false }, 'list');
  }

  /** An answer that its own description does not allow is a bug here, and must not look like one of ours. */
  #checked<Body extends object>(body: Body, name: StripeAnswerName): Body {
    const wrong = wrongAnswer(name, body) ?? this.#description?.wrongAnswer(body);
    if (wrong !== undefined) throw new Error(`the simulated Stripe made a wrong answer: ${wrong}`);
    return body;
  }

  #tell(notices: NoticeSender, type: string, object: object): void {
    const { webhookSecret } = this.#options;
    if (webhookSecret === undefined) return;
    const { latest_charge } = object as Partial<Payment>;
    const shown = latest_charge === undefined ? object : { ...object, latest_charge: latest_charge.id };
    const body = JSON.stringify({
      ...{
        id: `evt_${idLetters()}`,
        object: 'event',
        type,
        livemode: false,
        api_version: '2026-10-28.endive',
      },
      ...{ created: Math.floor(this.#nowMs() / 1_000), data: { object: shown } },
    });
    notices.send(() => {
      const t = Math.floor(this.#nowMs() / 1_000);
      const v1 = createHmac('sha256', webhookSecret).update(`${t}.${body}`).digest('hex');
      return { headers: { 'content-type': 'application/json', 'stripe-signature': `t=${t},v1=${v1}` }, body };
    });
  }
}
