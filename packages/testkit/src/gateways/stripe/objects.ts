import type { StripeDecline } from './test-cards.ts';

/** The objects of Stripe's API, as far as the simulator fills them. */
export interface PaymentMethod {
  readonly id: string;
  readonly object: 'payment_method';
  readonly [field: string]: unknown;
}

export interface Intent {
  readonly id: string;
  readonly object: 'payment_intent' | 'setup_intent';
  status: 'requires_payment_method' | 'requires_capture' | 'succeeded' | 'canceled';
  readonly payment_method: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly created: number;
  readonly [field: string]: unknown;
}

export interface Payment extends Intent {
  readonly object: 'payment_intent';
  readonly amount: number;
  readonly currency: string;
  amount_capturable: number;
  amount_received: number;
  /** Expanded; its id, where nobody asked. */
  readonly latest_charge: { readonly id: string; readonly [field: string]: unknown };
}

export interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly status: 'succeeded';
  readonly payment_intent: string;
  readonly amount: number;
  readonly [field: string]: unknown;
}

export interface CardParams {
  readonly number: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly cvc?: string;
}

/** Of a card only what Stripe shows of it: no number. */
export function paymentMethodOf(id: string, card: CardParams, zip: string | null, created: number) {
  const address = { city: null, country: null, line1: null, line2: null, postal_code: zip, state: null };
  return {
    ...{ id, object: 'payment_method', type: 'card', livemode: false, created, customer: null, metadata: {} },
    billing_details: { address, email: null, name: null, phone: null },
    card: { ...cardOf(card), checks: { ...CHECKS, cvc_check: card.cvc === undefined ? null : 'unchecked' } },
  } as const satisfies PaymentMethod;
}

const CHECKS = { address_line1_check: null, address_postal_code_check: null };

const cardOf = ({ number, exp_month, exp_year }: CardParams) => ({
  ...{ brand: brandOf(number), country: 'US', exp_month, exp_year, funding: 'credit' },
  ...{ last4: number.slice(-4), wallet: null, three_d_secure_usage: { supported: true } },
});

const brandOf = (number: string): string =>
  ({ '3': 'amex', '4': 'visa', '5': 'mastercard', '2': 'mastercard', '6': 'discover' })[number[0] ?? ''] ??
  'unknown';

export const errorOf = (decline: StripeDecline) => ({
  ...{ type: 'card_error', ...decline, message: 'Your card was declined.' },
  doc_url: `https://docs.stripe.com/error-codes/${decline.code}`,
});

export interface ChargeFacts {
  readonly id: string;
  readonly intent: string;
  readonly method: PaymentMethod;
  readonly amount: number;
  readonly currency: string;
  readonly captured: boolean;
  readonly moto: boolean;
  readonly created: number;
  readonly decline: StripeDecline | undefined;
  readonly authorizationCode: string;
}

export function chargeOf(facts: ChargeFacts) {
  const { id, intent, method, amount, currency, captured, moto, created, decline } = facts;
  const isPaid = decline === undefined;
  return {
    ...{ id, object: 'charge', livemode: false, created, metadata: {}, payment_intent: intent },
    ...{ amount, currency, amount_captured: captured ? amount : 0, amount_refunded: 0, refunded: false },
    ...{ captured, disputed: false, paid: isPaid, status: isPaid ? 'succeeded' : 'failed' },
    ...{ failure_code: decline?.code ?? null, payment_method: method.id },
    billing_details: method.billing_details,
    payment_method_details: {
      type: 'card',
      card: {
        ...(method.card as { brand: string }),
        three_d_secure: null,
        moto,
        authorization_code: isPaid ? facts.authorizationCode : null,
      },
    },
  } as const;
}
