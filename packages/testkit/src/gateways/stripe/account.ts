import { GatewayRefusal } from '../../gateway/protocol.ts';
import { authCode, idLetters } from '../../gateway/random-letters.ts';
import { passesLuhn } from '../luhn.ts';
import { MoneyLedger } from '../money-ledger.ts';
import {
  type CardParams,
  chargeOf,
  errorOf,
  type Intent,
  type Payment,
  type PaymentMethod,
  paymentMethodOf,
  type Refund,
} from './objects.ts';
import { STRIPE_TEST_CARDS, type StripeDecline } from './test-cards.ts';

export interface ConfirmParams {
  readonly payment_method: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly payment_method_options?: { readonly card?: { readonly moto?: boolean } };
}

export interface PaymentParams extends ConfirmParams {
  readonly amount: number;
  readonly currency: string;
  readonly capture_method?: string;
}

export interface RefundParams {
  readonly payment_intent: string;
  readonly amount?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A card that the issuer, or Stripe before it, declined: 402. */
export class CardDeclined extends Error {
  readonly body: object;

  constructor(decline: StripeDecline, intent?: Intent) {
    super('declined');
    this.name = 'CardDeclined';
    const { object, ...error } = { object: intent?.object, ...errorOf(decline) };
    this.body = { error: object === undefined ? error : { ...error, [object]: intent } };
  }
}

/** What one Stripe account holds: cards, payments, refunds. */
export class StripeAccount {
  readonly ledger = new MoneyLedger();
  readonly #methods = new Map<string, { readonly method: PaymentMethod; readonly decline?: StripeDecline }>();
  readonly #used = new Set<string>();
  readonly #intents = new Map<string, Intent>();
  readonly #refunds: Refund[] = [];
  readonly #tell: (type: string, object: object) => void;
  readonly #nowMs: () => number;

  constructor(tell: (type: string, object: object) => void, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  addCard(card: CardParams, postalCode: string | undefined): PaymentMethod {
    const verdict = verdictOn(card, new Date(this.#nowMs()));
    const method = paymentMethodOf(`pm_${idLetters()}`, card, postalCode ?? null, this.#nowS());
    this.#methods.set(method.id, { method, ...(verdict !== 'approved' && { decline: verdict }) });
    return method;
  }

  pay(params: PaymentParams): Payment {
    const { method, decline } = this.#take(params.payment_method);
    const { amount, currency, capture_method = 'automatic_async' } = params;
    const isManual = capture_method === 'manual';
    const id = `pi_${idLetters()}`;
    const moto = params.payment_method_options?.card?.moto === true;
    const captured = decline === undefined && !isManual;
    const payment: Payment = {
      ...{ id, object: 'payment_intent', amount, currency, capture_method, confirmation_method: 'automatic' },
      ...{ livemode: false, created: this.#nowS(), payment_method_types: ['card'], next_action: null },
      ...{ description: params.description ?? null, metadata: params.metadata ?? {} },
      status: decline !== undefined ? 'requires_payment_method' : isManual ? 'requires_capture' : 'succeeded',
      amount_capturable: decline === undefined && isManual ? amount : 0,
      amount_received: captured ? amount : 0,
      payment_method: decline === undefined ? method.id : null,
      last_payment_error: decline === undefined ? null : errorOf(decline),
      latest_charge: chargeOf({
        ...{ id: `ch_${idLetters()}`, intent: id, method, amount, currency, captured, moto, decline },
        ...{ created: this.#nowS(), authorizationCode: authCode() },
      }),
    };
    this.#book(payment, isManual ? 'authorize' : 'charge', amount, currency, decline);
    const event = isManual ? 'amount_capturable_updated' : 'succeeded';
    this.#tell(`payment_intent.${decline === undefined ? event : 'payment_failed'}`, payment);
    if (decline !== undefined) throw new CardDeclined(decline, payment);
    return payment;
  }

  save(params: ConfirmParams): Intent {
    const { method, decline } = this.#take(params.payment_method);
    const setup: Intent = {
      ...{ id: `seti_${idLetters()}`, object: 'setup_intent', livemode: false, usage: 'off_session' },
      ...{ created: this.#nowS(), payment_method_types: ['card'], next_action: null },
      ...{ description: params.description ?? null, metadata: params.metadata ?? {} },
      status: decline === undefined ? 'succeeded' : 'requires_payment_method',
      payment_method: decline === undefined ? method.id : null,
      last_setup_error: decline === undefined ? null : errorOf(decline),
    };
    this.#book(setup, 'tokenize', null, null, decline);
    this.#tell(`setup_intent.${decline === undefined ? 'succeeded' : 'setup_failed'}`, setup);
    if (decline !== undefined) throw new CardDeclined(decline, setup);
    return setup;
  }

  capture(id: string, amount: number | undefined): Payment {
    const payment = this.payment(id);
    if (payment.status !== 'requires_capture') throw wrongState(payment);
    const captured = amount ?? payment.amount;
    if (captured > payment.amount_capturable)
      throw new GatewayRefusal(400, 'amount_too_large', 'more than was authorised');
    payment.status = 'succeeded';
    payment.amount_capturable = 0;
    payment.amount_received = captured;
    this.ledger.change(id, { status: 'settled', settled: captured });
    this.#tell('payment_intent.succeeded', payment);
    return payment;
  }

  cancel(id: string): Payment {
    const payment = this.payment(id);
    if (payment.status === 'succeeded' || payment.status === 'canceled') throw wrongState(payment);
    payment.status = 'canceled';
    payment.amount_capturable = 0;
    this.ledger.change(id, { status: 'voided' });
    this.#tell('payment_intent.canceled', payment);
    return payment;
  }

  refund({ payment_intent, amount, metadata = {} }: RefundParams): Refund {
    const payment = this.payment(payment_intent);
    const before = this.refundsOf(payment_intent).reduce((sum, refund) => sum + refund.amount, 0);
    const left = payment.amount_received - before;
    if (left <= 0) throw new GatewayRefusal(400, 'charge_already_refunded', 'nothing is left of this charge');
    const refunded = amount ?? left;
    if (refunded > left)
      throw new GatewayRefusal(400, 'amount_too_large', 'more than is left of this charge');
    const refund: Refund = {
      ...{ id: `re_${idLetters()}`, object: 'refund', status: 'succeeded', created: this.#nowS() },
      ...{ payment_intent, charge: payment.latest_charge.id, amount: refunded, currency: payment.currency },
      ...{ metadata, reason: null },
    };
    this.#refunds.push(refund);
    this.ledger.change(payment_intent, { status: 'refunded', refunded: before + refunded });
    this.#tell('refund.created', refund);
    return refund;
  }

  payment(id: string): Payment {
    const intent = this.#intents.get(id);
    if (intent?.object !== 'payment_intent')
      throw new GatewayRefusal(404, 'resource_missing', 'no such payment_intent');
    return intent as Payment;
  }

  refundsOf(payment: string): Refund[] {
    return this.#refunds.filter(({ payment_intent }) => payment_intent === payment);
  }

  paymentsOf(key: string): Intent[] {
    return [...this.#intents.values()].filter(
      ({ object, metadata }) => object === 'payment_intent' && metadata.sordino_key === key,
    );
  }

  setupsOf(method: string): Intent[] {
    return [...this.#intents.values()].filter(
      ({ object, payment_method }) => object === 'setup_intent' && payment_method === method,
    );
  }

  /** A card that was handed in is good for one payment, unless it was saved. */
  #take(id: string) {
    const known = this.#methods.get(id);
    if (known === undefined) throw new GatewayRefusal(400, 'resource_missing', 'no such payment_method');
    if (this.#used.has(id))
      throw new GatewayRefusal(400, 'payment_method_unexpected_state', 'it was used already');
    this.#used.add(id);
    return known;
  }

  #book(
    intent: Intent,
    kind: 'charge' | 'authorize' | 'tokenize',
    amount: number | null,
    currency: string | null,
    decline: StripeDecline | undefined,
  ): void {
    this.#intents.set(intent.id, intent);
    const reference = intent.metadata.sordino_key ?? '';
    const status = decline === undefined ? 'approved' : 'declined';
    this.ledger.add({ id: intent.id, reference, kind, amount, currency, status });
  }

  #nowS(): number {
    return Math.floor(this.#nowMs() / 1_000);
  }
}

const wrongState = ({ status }: Payment): GatewayRefusal =>
  new GatewayRefusal(400, 'payment_intent_unexpected_state', `it is ${status}`);

/** Throws for what Stripe itself sees; returns what the issuer will say. */
function verdictOn(card: CardParams, now: Date): 'approved' | StripeDecline {
  const { number, exp_month, exp_year, cvc } = card;
  if (!passesLuhn(number)) throw new CardDeclined({ code: 'incorrect_number' });
  if (exp_month < 1 || exp_month > 12) throw new CardDeclined({ code: 'invalid_expiry_month' });
  if (now.getTime() >= Date.UTC(exp_year, exp_month)) throw new CardDeclined({ code: 'invalid_expiry_year' });
  const verdict = STRIPE_TEST_CARDS.get(number);
  // A real card in test mode.
  if (verdict === undefined)
    throw new CardDeclined({ code: 'card_declined', decline_code: 'testmode_decline' });
  if (cvc !== undefined && cvc.length !== (number.startsWith('3') ? 4 : 3))
    throw new CardDeclined({ code: 'invalid_cvc' });
  return verdict;
}
