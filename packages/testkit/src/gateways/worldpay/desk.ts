import { createHmac } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { NoticeSender } from '../../gateway/notices.ts';
import { GatewayRefusal } from '../../gateway/protocol.ts';
import { authCode, idLetters } from '../../gateway/random-letters.ts';
import type { GatewayDesk, GatewayReply, GatewayRequest } from '../../gateway/server.ts';
import { lazySchemas } from '../lazy-schemas.ts';
import type { MoneyReport } from '../money-ledger.ts';
import { WorldpayBook, type WorldpayEvent, type WorldpayPayment } from './book.ts';
import { WORLDPAY_SCHEMAS, type WorldpaySchema } from './schemas.ts';
import { isWorldpayTestCard, refusalOfWorldpayCard, type WorldpayCard } from './test-cards.ts';

export interface WorldpayDeskOptions {
  readonly username: string;
  readonly password: string;
  readonly entity: string;
  /** Signs events. */
  readonly eventSecret: string;
}

interface PaymentRequest {
  readonly transactionReference: string;
  readonly merchant: { readonly entity: string };
  readonly instruction: {
    readonly requestAutoSettlement: { readonly enabled: boolean };
    readonly value: { readonly currency: string; readonly amount: number };
    readonly paymentInstrument: WorldpayCard;
  };
}

const MEDIA_TYPE = 'application/vnd.worldpay.payments-v7+json';
const PAY = '/cardPayments/customerInitiatedTransactions';
const LOOK_UP = /^\/payments\/events(?:\/(\w+))?$/;

/** What each link needs and makes of a payment. */
const ACTIONS = {
  settle: { path: '/payments/settlements/full/', of: ['Authorized'], to: 'Sent for Settlement' },
  cancel: {
    path: '/payments/authorizations/cancellations/',
    of: ['Authorized'],
    to: 'Sent for Cancellation',
  },
  refund: {
    path: '/payments/settlements/refunds/full/',
    of: ['Sent for Settlement', 'Settled'],
    to: 'Sent for Refund',
  },
} as const satisfies Record<string, { path: string; of: readonly WorldpayEvent[]; to: WorldpayEvent }>;

const NOTICES: Readonly<Partial<Record<WorldpayEvent, string>>> = {
  ...{ Authorized: 'authorized', Refused: 'refused', 'Sent for Settlement': 'sentForSettlement' },
  ...{ 'Sent for Cancellation': 'cancelled', 'Sent for Refund': 'sentForRefund' },
};

const schemas = lazySchemas(WORLDPAY_SCHEMAS, () => new Ajv2020({ strict: false }));

function mistakeIn(
  schema: WorldpaySchema,
  value: unknown,
): { message: string; jsonPath: string } | undefined {
  const validate = schemas(schema);
  if (validate?.(value)) return undefined;
  const [wrong] = validate?.errors ?? [];
  return { message: `${wrong?.message}`, jsonPath: `$${wrong?.instancePath.replaceAll('/', '.')}` };
}

/** Card Payments v7 of Worldpay Access, as far as telephone orders go. */
export class WorldpayDesk implements GatewayDesk {
  readonly #options: WorldpayDeskOptions;
  readonly #notices: NoticeSender;
  readonly book = new WorldpayBook();

  constructor(options: WorldpayDeskOptions, notices: NoticeSender) {
    this.#options = options;
    this.#notices = notices;
  }

  faultsOf({ method, path }: GatewayRequest): 'next' | 'lookups' | undefined {
    if (method === 'GET') return LOOK_UP.test(path) ? 'lookups' : undefined;
    return path === PAY || actionOf(path) !== undefined ? 'next' : undefined;
  }

  answer(request: GatewayRequest): GatewayReply {
    const { method, path, headers, query } = request;
    const { username, password, entity } = this.#options;
    const credentials = Buffer.from(`${username}:${password}`).toString('base64');
    if (headers.authorization !== `Basic ${credentials}`)
      throw new GatewayRefusal(401, 'accessDenied', 'Access to the requested resource has been denied');
    if (headers.accept !== MEDIA_TYPE)
      throw new GatewayRefusal(406, 'headerHasInvalidValue', `Accept must be ${MEDIA_TYPE}`);
    const [isLookUp, linkData] = LOOK_UP.exec(path) ?? [];
    if (method === 'GET' && isLookUp !== undefined) {
      const reference = query.get('transactionRef') ?? '';
      return this.#show(
        request,
        linkData === undefined
          ? this.book.byReference(reference, query.get('entity') ?? entity)
          : this.book.byLink(linkData),
      );
    }
    if (method === 'POST' && path === PAY) return this.#pay(request);
    const action = method === 'POST' ? actionOf(path) : undefined;
    if (action === undefined) throw new GatewayRefusal(404, 'resourceNotFound', 'no such resource');
    return this.#act(request, action);
  }

  refusal(status: number, code: string, message: string): GatewayReply {
    return { status, body: own('error', { errorName: code, message }) };
  }

  report(): MoneyReport {
    const entries = this.book.entries();
    const declined = entries.filter(({ status }) => status === 'declined').length;
    return { approved: entries.length - declined, declined, replays: 0, entries };
  }

  #pay(request: GatewayRequest): GatewayReply {
    const read = readPayment(request);
    if ('status' in read) return read;
    const { transactionReference: reference, merchant, instruction } = read;
    if (merchant.entity !== this.#options.entity)
      throw new GatewayRefusal(400, 'entityIsNotConfigured', 'the entity is not configured');
    const { value, paymentInstrument, requestAutoSettlement } = instruction;
    if (!isWorldpayTestCard(paymentInstrument))
      return wrong(
        'fieldHasInvalidValue',
        'this environment takes test cards only',
        '$.instruction.paymentInstrument.cardNumber',
      );
    const refusalCode = refusalOfWorldpayCard(paymentInstrument, Date.now());
    const kind = requestAutoSettlement.enabled ? 'charge' : 'authorize';
    const approvedEvent = kind === 'charge' ? 'Sent for Settlement' : 'Authorized';
    const event = refusalCode === undefined ? approvedEvent : 'Refused';
    const payment = this.book.add({ reference, entity: merchant.entity, kind, value, event });
    this.#tell(payment);
    const { paymentId } = payment;
    if (refusalCode !== undefined)
      return reply(201, 'refused', {
        outcome: 'refused',
        refusalCode,
        refusalDescription: 'REFUSED',
        paymentId,
      });
    return reply(201, 'paid', {
      outcome: kind === 'charge' ? 'sentForSettlement' : 'authorized',
      ...{ issuer: { authorizationCode: authCode() }, paymentId, _links: linksOf(request, payment, event) },
    });
  }

  #act(request: GatewayRequest, name: keyof typeof ACTIONS): GatewayReply {
    const { path, of, to } = ACTIONS[name];
    const payment = this.book.byLink(request.path.slice(path.length));
    if (payment === undefined) throw new GatewayRefusal(404, 'resourceNotFound', 'no such payment');
    const allowed: readonly WorldpayEvent[] = of;
    if (!allowed.includes(payment.event))
      throw new GatewayRefusal(
        400,
        'operationNotAllowed',
        `a payment that is ${payment.event} cannot be that`,
      );
    this.book.to(payment, to);
    this.#tell(payment);
    const { paymentId } = payment;
    const _links = linksOf(request, payment, to);
    return reply(202, 'taken', { paymentId, commandId: `cmd${idLetters()}`, _links });
  }

  #show(request: GatewayRequest, payment: WorldpayPayment | undefined): GatewayReply {
    if (payment?.shown === undefined)
      throw new GatewayRefusal(404, 'entityNotFound', 'the requested payment was not found');
    return reply(200, 'event', {
      ...{ lastEvent: payment.shown, _links: linksOf(request, payment, payment.shown) },
    });
  }

  #tell({ reference, value, event, paymentId }: WorldpayPayment): void {
    const type = NOTICES[event];
    if (type === undefined) return;
    const body = JSON.stringify({
      ...{ eventId: idLetters(), eventTimestamp: new Date().toISOString().slice(0, -1) },
      eventDetails: {
        ...{ classification: 'payment', transactionReference: reference, paymentId, type },
        amount: { value: value.amount, currencyCode: value.currency },
      },
    });
    const signature = createHmac('sha256', this.#options.eventSecret).update(body).digest('hex');
    this.#notices.send(() => ({
      headers: {
        'content-type': 'application/vnd.worldpay.events-v1.hal+json',
        'event-signature': `1/SHA256/${signature}`,
      },
      body,
    }));
  }
}

const actionOf = (path: string): keyof typeof ACTIONS | undefined =>
  (Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]).find((name) => path.startsWith(ACTIONS[name].path));

/** No value of the body is repeated: it holds a card. */
function readPayment({ headers, body }: GatewayRequest): PaymentRequest | GatewayReply {
  if (headers['content-type'] !== MEDIA_TYPE)
    throw new GatewayRefusal(415, 'headerHasInvalidValue', `Content-Type must be ${MEDIA_TYPE}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new GatewayRefusal(400, 'bodyIsNotJson', 'the body is not JSON');
  }
  const mistake = mistakeIn('payment', parsed);
  return mistake === undefined
    ? (parsed as PaymentRequest)
    : wrong('fieldHasInvalidValue', mistake.message, mistake.jsonPath);
}

const wrong = (errorName: string, message: string, jsonPath: string): GatewayReply => ({
  status: 400,
  body: own('error', {
    errorName: 'bodyDoesNotMatchSchema',
    message: 'The json body provided does not match the expected schema',
    validationErrors: [{ errorName, message, jsonPath }],
  }),
});

function linksOf({ headers }: GatewayRequest, { linkData }: WorldpayPayment, event: WorldpayEvent): object {
  const href = (path: string) => ({ href: `http://${headers.host}${path}${linkData}` });
  const actions = Object.entries(ACTIONS).filter(([, { of }]) => (of as readonly string[]).includes(event));
  return {
    ...Object.fromEntries(actions.map(([name, { path }]) => [`cardPayments:${name}`, href(path)])),
    'cardPayments:events': href('/payments/events/'),
  };
}

const reply = (status: number, schema: WorldpaySchema, body: object): GatewayReply => ({
  ...{ status, body: own(schema, body), headers: { 'content-type': MEDIA_TYPE } },
});

function own(schema: WorldpaySchema, body: object): object {
  const mistake = mistakeIn(schema, body);
  if (mistake === undefined) return body;
  throw new Error(
    `the simulated gateway made an answer that its own description does not allow: ${mistake.jsonPath} ${mistake.message}`,
  );
}
