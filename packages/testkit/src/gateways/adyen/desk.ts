import { createHmac, randomBytes } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { DescribedApi } from '../../gateway/described-api.ts';
import type { NoticeSender } from '../../gateway/notices.ts';
import { GatewayRefusal } from '../../gateway/protocol.ts';
import type { GatewayDesk, GatewayReply, GatewayRequest } from '../../gateway/server.ts';
import { lazySchemas } from '../lazy-schemas.ts';
import type { MoneyReport } from '../money-ledger.ts';
import { AdyenBook, letters, type Payment } from './book.ts';
import { type AdyenEvent, modificationReference, sendAdyenEvent } from './notifications.ts';
import { ADYEN_SCHEMAS, type AdyenSchema } from './schemas.ts';
import { type AdyenCard, isAdyenTestCard, verdictOnAdyenCard } from './test-cards.ts';

export interface AdyenDeskOptions {
  readonly apiKey: string;
  readonly merchantAccount: string;
  readonly hmacKey: string;
  /** The published description of the Checkout API: when given, both directions are held against it too. */
  readonly description?: object;
}

interface Amount {
  readonly currency: string;
  readonly value: number;
}

interface PaymentRequest {
  readonly merchantAccount: string;
  readonly reference: string;
  readonly amount: Amount;
  readonly paymentMethod: AdyenCard;
  readonly captureDelayHours?: number;
  readonly additionalData?: {
    readonly manualCapture?: string;
    readonly RequestedTestAcquirerResponseCode?: string;
  };
  readonly storePaymentMethod?: boolean;
  readonly shopperReference?: string;
}

interface ModificationRequest {
  readonly merchantAccount: string;
  readonly reference?: string;
  readonly paymentReference?: string;
  readonly amount?: Amount;
}

type Verb = 'captures' | 'cancels' | 'reversals' | 'refunds';
const MODIFICATION = /^\/payments\/([^/]+)\/(captures|cancels|reversals|refunds)$/;
const EVENT_CODES: Readonly<Record<Verb, string>> = {
  captures: 'CAPTURE',
  cancels: 'CANCELLATION',
  reversals: 'CANCEL_OR_REFUND',
  refunds: 'REFUND',
};
/** A version of the API is a part of every path; some say it in their base address. */
const VERSION = /^\/v72(?=\/)/;
const AUTH_CODE_LENGTH = 6;
const IDEMPOTENCY_KEY_MAX = 64;

const schemas = lazySchemas(ADYEN_SCHEMAS, () => new Ajv2020({ strict: false }));

function mistakeIn(schema: AdyenSchema, value: unknown): string | undefined {
  const validate = schemas(schema);
  if (validate?.(value)) return undefined;
  const [wrong] = validate?.errors ?? [];
  return `${wrong?.instancePath} ${wrong?.message}`;
}

/** Adyen's Checkout API v72, as far as telephone orders go. */
export class AdyenDesk implements GatewayDesk {
  readonly #options: AdyenDeskOptions;
  readonly #notices: NoticeSender;
  readonly #described: DescribedApi | undefined;
  readonly #book = new AdyenBook();
  readonly #answers = new Map<string, { readonly digest: string; readonly reply: GatewayReply }>();
  /** Bodies hold card numbers, so they are compared as keyed digests and not kept. */
  readonly #digestKey = randomBytes(32);
  #replays = 0;

  constructor(options: AdyenDeskOptions, notices: NoticeSender) {
    this.#options = options;
    this.#notices = notices;
    if (options.description !== undefined) this.#described = new DescribedApi(options.description);
  }

  faultsOf({ method, path: versioned }: GatewayRequest): 'next' | 'lookups' | undefined {
    const path = versioned.replace(VERSION, '');
    if (method === 'GET') return path === '/storedPaymentMethods' ? 'lookups' : undefined;
    return path === '/payments' || path === '/cancels' || MODIFICATION.test(path) ? 'next' : undefined;
  }

  answer(versioned: GatewayRequest): GatewayReply {
    const request = { ...versioned, path: versioned.path.replace(VERSION, '') };
    const { method, path, headers, body } = request;
    if (headers['x-api-key'] !== this.#options.apiKey)
      throw new GatewayRefusal(401, '000', 'HTTP Status Response - Unauthorized');
    if (method === 'GET') return this.#stored(request);
    const key = headers['idempotency-key'];
    if (typeof key !== 'string' || key.length > IDEMPOTENCY_KEY_MAX) return this.#first(request);
    const digest = createHmac('sha256', this.#digestKey).update(`${path} ${body}`).digest('hex');
    const known = this.#answers.get(key);
    if (known === undefined) {
      const reply = { ...this.#first(request), headers: { 'idempotency-key': key } };
      this.#answers.set(key, { digest, reply });
      return reply;
    }
    if (known.digest !== digest)
      throw new GatewayRefusal(422, '704', 'Request already processed or in progress');
    this.#replays += 1;
    return known.reply;
  }

  refusal(status: number, code: string, message: string): GatewayReply {
    const kinds: Readonly<Record<number, string>> = { 401: 'security', 403: 'security', 500: 'internal' };
    const body = { status, errorCode: code, message, errorType: kinds[status] ?? 'validation' };
    return { status, body: this.#own('error', body) };
  }

  report(): MoneyReport {
    const entries = this.#book.entries();
    const declined = entries.filter(({ status }) => status === 'declined').length;
    return { approved: entries.length - declined, declined, replays: this.#replays, entries };
  }

  captureDue(): void {
    this.#book.captureDue();
  }

  #first(request: GatewayRequest): GatewayReply {
    try {
      return this.#serve(request);
    } catch (error) {
      if (error instanceof GatewayRefusal) return this.refusal(error.status, error.code, error.message);
      throw error;
    }
  }

  #serve({ method, path, body }: GatewayRequest): GatewayReply {
    const [, pspReference = '', verb] = MODIFICATION.exec(path) ?? [];
    if (method !== 'POST') throw new GatewayRefusal(404, '000', 'no such route');
    if (path === '/payments') return this.#pay(this.#read<PaymentRequest>('payment', path, body));
    if (path === '/cancels')
      return this.#cancelByReference(this.#read<ModificationRequest>('cancelByReference', path, body));
    if (verb === undefined) throw new GatewayRefusal(404, '000', 'no such route');
    const described = `/payments/{paymentPspReference}/${verb}`;
    const modification = this.#read<ModificationRequest>(verb as Verb, described, body);
    return this.#modify(pspReference, verb as Verb, described, modification);
  }

  #pay(request: PaymentRequest): GatewayReply {
    const { reference, amount, paymentMethod, additionalData = {}, storePaymentMethod = false } = request;
    if (!isAdyenTestCard(paymentMethod)) throw new GatewayRefusal(422, '101', 'Invalid card number');
    const isManual = additionalData.manualCapture === 'true';
    if (amount.value === 0 && !storePaymentMethod)
      throw new GatewayRefusal(422, '100', 'No amount specified');
    if (storePaymentMethod && request.shopperReference === undefined)
      throw new GatewayRefusal(422, '702', 'shopperReference is needed to store a payment method');
    const verdict = verdictOnAdyenCard(paymentMethod, additionalData.RequestedTestAcquirerResponseCode);
    const refusal = 'refusalReason' in verdict ? verdict : undefined;
    const kind = amount.value === 0 ? 'tokenize' : isManual ? 'authorize' : 'charge';
    const payment = this.#book.add({
      ...{ reference, amount, kind, refusal: refusal?.refusalReasonCode ?? null },
      token: storePaymentMethod && refusal === undefined ? letters(AUTH_CODE_LENGTH + 10) : null,
      capturesItself: kind === 'charge',
    });
    if (kind === 'charge' && request.captureDelayHours === 0) this.#book.capture(payment, amount.value);
    const additional: Record<string, string> = {};
    if (refusal === undefined) additional.authCode = letters(AUTH_CODE_LENGTH);
    if (payment.token !== null) {
      additional['tokenization.storedPaymentMethodId'] = payment.token;
      additional['tokenization.shopperReference'] = request.shopperReference ?? '';
      additional['tokenization.store.operationType'] = 'created';
    }
    this.#tell({
      ...{ eventCode: 'AUTHORISATION', pspReference: payment.pspReference, merchantReference: reference },
      ...{ amount, refusal: refusal?.refusalReason, original: undefined, additionalData: additional },
    });
    const answer = {
      ...{ ...verdict, pspReference: payment.pspReference, merchantReference: reference, amount },
      additionalData: verdict.resultCode === 'Authorised' ? additional : {},
    };
    return this.#reply('paymentAnswer', '/payments', 200, answer);
  }

  #modify(pspReference: string, verb: Verb, described: string, request: ModificationRequest): GatewayReply {
    const payment = this.#book.byPspReference(pspReference);
    if (payment === undefined)
      throw new GatewayRefusal(422, '167', 'Original pspReference required for this operation');
    if (request.amount !== undefined && request.amount.currency !== payment.amount.currency)
      throw new GatewayRefusal(422, '138', 'Unsupported currency specified');
    const { merchantAccount, reference, amount } = request;
    const own = modificationReference();
    this.#tell({
      ...{
        eventCode: EVENT_CODES[verb],
        pspReference: own,
        merchantReference: reference ?? payment.reference,
      },
      ...{
        amount: amount ?? payment.amount,
        original: payment,
        refusal: this.#outcome(payment, verb, amount),
      },
    });
    const answer = {
      ...{ merchantAccount, paymentPspReference: pspReference, pspReference: own, status: 'received' },
      ...(reference === undefined ? {} : { reference }),
      ...(amount === undefined ? {} : { amount }),
    };
    return this.#reply('modificationAnswer', described, 201, answer);
  }

  #outcome(payment: Payment, verb: Verb, amount: Amount | undefined): string | undefined {
    switch (verb) {
      case 'captures':
        return this.#book.capture(payment, amount?.value ?? 0);
      case 'refunds':
        return this.#book.refund(payment, amount?.value ?? 0);
      case 'cancels':
        return this.#book.cancel(payment);
      case 'reversals':
        return this.#book.reverse(payment);
    }
  }

  /** Whether there is such a payment is told by the notice only. */
  #cancelByReference({
    merchantAccount,
    paymentReference = '',
    reference,
  }: ModificationRequest): GatewayReply {
    const payment = this.#book.byReference(paymentReference);
    const own = modificationReference();
    this.#tell({
      ...{ eventCode: 'TECHNICAL_CANCEL', pspReference: own, merchantReference: paymentReference },
      ...{ amount: payment?.amount ?? { currency: 'EUR', value: 0 }, original: payment },
      refusal: payment === undefined ? 'Original payment not found' : this.#book.cancel(payment),
    });
    const answer = { merchantAccount, paymentReference, pspReference: own, status: 'received' };
    return this.#reply('cancelByReferenceAnswer', '/cancels', 201, {
      ...answer,
      ...(reference === undefined ? {} : { reference }),
    });
  }

  #stored({ path, query }: GatewayRequest): GatewayReply {
    const shopperReference = query.get('shopperReference');
    if (path !== '/storedPaymentMethods' || shopperReference === null)
      throw new GatewayRefusal(404, '000', 'no such route');
    this.#checkAccount(query.get('merchantAccount'));
    const token = this.#book.byReference(shopperReference)?.token ?? null;
    return this.#reply(
      'storedAnswer',
      path,
      200,
      {
        ...{ merchantAccount: this.#options.merchantAccount, shopperReference },
        storedPaymentMethods: token === null ? [] : [{ id: token, type: 'scheme' }],
      },
      'GET',
    );
  }

  /** No value of the body is repeated: it holds a card. */
  #read<T extends { readonly merchantAccount: string }>(schema: AdyenSchema, path: string, body: string): T {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      throw new GatewayRefusal(400, '702', 'Unexpected input');
    }
    const mistake = mistakeIn(schema, parsed) ?? this.#described?.request('POST', path, parsed);
    if (mistake !== undefined) throw new GatewayRefusal(422, '702', mistake);
    const request = parsed as T;
    this.#checkAccount(request.merchantAccount);
    return request;
  }

  #checkAccount(merchantAccount: string | null): void {
    if (merchantAccount !== this.#options.merchantAccount)
      throw new GatewayRefusal(403, '901', 'Invalid Merchant Account');
  }

  #reply(schema: AdyenSchema, path: string, status: number, body: object, method = 'POST'): GatewayReply {
    const mistake = this.#described?.answer(method, path, status, body);
    if (mistake !== undefined)
      throw new Error(`the simulated gateway made an answer that Adyen does not: ${mistake}`);
    return { status, body: this.#own(schema, body) };
  }

  #own(schema: AdyenSchema, body: object): object {
    const mistake = mistakeIn(schema, body);
    if (mistake === undefined) return body;
    throw new Error(
      `the simulated gateway made an answer that its own description does not allow: ${mistake}`,
    );
  }

  #tell(event: AdyenEvent): void {
    sendAdyenEvent(this.#notices, this.#options, event);
  }
}
