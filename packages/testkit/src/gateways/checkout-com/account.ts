import { GatewayRefusal } from '../../gateway/protocol.ts';
import { authCode, idLetters } from '../../gateway/random-letters.ts';
import { passesLuhn } from '../luhn.ts';
import { MoneyLedger } from '../money-ledger.ts';
import { CHECKOUT_TEST_CARDS, responseCodeOf } from './test-cards.ts';

export interface TokenBody {
  readonly number: string;
  readonly expiry_month: number;
  readonly expiry_year: number;
  readonly cvv?: string;
}

export interface PaymentBody {
  readonly source: { readonly token: string };
  readonly amount: number;
  readonly currency: string;
  readonly reference: string;
  readonly capture?: boolean;
  readonly payment_type?: string;
}

export interface ActionBody {
  readonly amount?: number;
  readonly reference?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export type StepType = 'Capture' | 'Void' | 'Refund';

interface Action extends ActionBody {
  readonly id: string;
  readonly type: 'Authorization' | 'Card Verification' | StepType;
  readonly processed_on: string;
  readonly amount: number;
  readonly approved: boolean;
  readonly response_code: string;
  readonly auth_code?: string;
}

interface Payment {
  readonly id: string;
  readonly requestedMs: number;
  readonly body: PaymentBody;
  readonly approved: boolean;
  readonly source: object;
  /** The newest first. */
  readonly actions: Action[];
  status: string;
  captured: number;
  refunded: number;
}

const EVENTS = {
  Authorization: ['payment_approved', 'payment_declined'],
  'Card Verification': ['card_verified', 'card_verification_declined'],
} as const;

/** Tokens are good for this long, and for one payment. */
const TOKEN_LIFE_MS = 15 * 60_000;

/** What one Checkout.com account holds: tokens, payments and the actions of each. */
export class CheckoutAccount {
  readonly ledger = new MoneyLedger();
  /** The number is not kept: what the issuer will say of it is known from its security code and the amount. */
  readonly #tokens = new Map<
    string,
    { source: object; cvv: string | undefined; until: number; used: boolean }
  >();
  readonly #payments = new Map<string, Payment>();
  readonly #tell: (type: string, data: object) => void;
  readonly #nowMs: () => number;

  constructor(tell: (type: string, data: object) => void, nowMs: () => number) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  addToken(card: TokenBody): object {
    const { number, expiry_month, expiry_year, cvv } = card;
    const now = this.#nowMs();
    // Real cards are refused as wrong ones are.
    if (!passesLuhn(number) || !CHECKOUT_TEST_CARDS.has(number)) throw invalid('card_number_invalid');
    if (now >= Date.UTC(expiry_year, expiry_month)) throw invalid('card_expired');
    if (cvv !== undefined && cvv.length !== (/^3[47]/.test(number) ? 4 : 3)) throw invalid('cvv_invalid');
    const token = `tok_${idLetters()}`;
    const shown = { last4: number.slice(-4), bin: number.slice(0, 6), expiry_month, expiry_year };
    const source = { id: `src_${idLetters()}`, type: 'card', ...shown };
    this.#tokens.set(token, { source, cvv, until: now + TOKEN_LIFE_MS, used: false });
    return { type: 'card', token, expires_on: this.#time(now + TOKEN_LIFE_MS), ...shown };
  }

  pay(body: PaymentBody): object {
    const { amount, currency, reference, capture = true } = body;
    const { source, cvv } = this.#take(body.source.token);
    const response_code = responseCodeOf(amount, cvv);
    const approved = response_code.startsWith('10');
    const isSave = amount === 0;
    const auth_code = approved ? authCode() : undefined;
    const status = !approved ? 'Declined' : isSave ? 'Card Verified' : 'Authorized';
    const id = `pay_${idLetters()}`;
    const payment: Payment = {
      ...{ id, requestedMs: this.#nowMs(), body, approved, source, actions: [], status },
      ...{ captured: 0, refunded: 0 },
    };
    this.#payments.set(id, payment);
    const type = isSave ? 'Card Verification' : 'Authorization';
    const action = this.#act(payment, type, amount, approved, response_code, { reference }, auth_code);
    this.ledger.add({
      ...{ id, reference, kind: isSave ? 'tokenize' : capture ? 'charge' : 'authorize' },
      ...{ amount: isSave ? null : amount, currency: isSave ? null : currency.toLowerCase() },
      status: approved ? 'approved' : 'declined',
    });
    const answer = { ...this.#shown(payment), action_id: action.id, response_code, auth_code };
    const [yes, no] = EVENTS[type];
    this.#tell(approved ? yes : no, answer);
    // Captured on its own, after the answer.
    if (approved && capture && !isSave) this.#capture(payment, amount, {});
    return answer;
  }

  step(id: string, type: StepType, body: ActionBody): Action {
    const payment = this.#payment(id);
    const { captured, refunded, status } = payment;
    const isHeld = status === 'Authorized';
    const left = type === 'Refund' ? captured - refunded : payment.body.amount;
    if (type === 'Refund' ? captured === 0 : !isHeld)
      throw new GatewayRefusal(403, `${type.toLowerCase()}_not_allowed`, `it is ${status}`);
    const amount = body.amount ?? left;
    if (amount > left) throw invalid(`${type.toLowerCase()}_amount_exceeds_balance`);
    if (type === 'Capture') return this.#capture(payment, amount, body);
    if (type === 'Void') {
      payment.status = 'Voided';
      this.ledger.change(id, { status: 'voided' });
    } else {
      payment.refunded += amount;
      payment.status = payment.refunded === captured ? 'Refunded' : 'Partially Refunded';
      this.ledger.change(id, { status: 'refunded', refunded: payment.refunded });
    }
    return this.#done(payment, type, amount, body);
  }

  paymentsOf(reference: string): object[] {
    const found = [...this.#payments.values()].filter(({ body }) => body.reference === reference);
    return found.reverse().map((payment) => this.#shown(payment));
  }

  details(id: string): object {
    return this.#shown(this.#payment(id));
  }

  actions(id: string): readonly Action[] {
    return this.#payment(id).actions;
  }

  #capture(payment: Payment, amount: number, body: ActionBody): Action {
    payment.captured = amount;
    payment.status = amount === payment.body.amount ? 'Captured' : 'Partially Captured';
    // What is captured with the payment itself is no step of its own.
    if (payment.body.capture === false)
      this.ledger.change(payment.id, { status: 'settled', settled: amount });
    return this.#done(payment, 'Capture', amount, body);
  }

  #done(payment: Payment, type: StepType, amount: number, body: ActionBody): Action {
    const action = this.#act(payment, type, amount, true, '10000', body);
    const did = { Capture: 'captured', Void: 'voided', Refund: 'refunded' }[type];
    this.#tell(`payment_${did}`, { ...action, id: payment.id, action_id: action.id });
    return action;
  }

  #act(
    payment: Payment,
    type: Action['type'],
    amount: number,
    approved: boolean,
    response_code: string,
    { reference, metadata }: ActionBody,
    auth_code?: string,
  ): Action {
    const action: Action = {
      ...{ id: `act_${idLetters()}`, type, processed_on: this.#time(this.#nowMs()), amount, approved },
      ...{ response_code, ...(auth_code && { auth_code }), ...(reference && { reference }) },
      ...(metadata && { metadata }),
    };
    payment.actions.unshift(action);
    return action;
  }

  #shown({ id, body, approved, status, source, requestedMs }: Payment) {
    const { amount, currency, reference, payment_type = 'Regular' } = body;
    return {
      ...{ id, amount, currency, reference, payment_type, approved, status, source },
      ...{ requested_on: this.#time(requestedMs), risk: { flagged: false } },
      _links: { self: { href: `/payments/${id}` }, actions: { href: `/payments/${id}/actions` } },
    };
  }

  #payment(id: string): Payment {
    const payment = this.#payments.get(id);
    if (payment === undefined) throw new GatewayRefusal(404, 'payment_not_found', 'no such payment');
    return payment;
  }

  #take(id: string) {
    const token = this.#tokens.get(id);
    if (token === undefined) throw invalid('token_invalid');
    if (token.used) throw invalid('token_used');
    if (this.#nowMs() >= token.until) throw invalid('token_expired');
    token.used = true;
    return token;
  }

  #time(ms: number): string {
    return new Date(ms).toISOString();
  }
}

const invalid = (code: string): GatewayRefusal => new GatewayRefusal(422, code, 'the request is invalid');
