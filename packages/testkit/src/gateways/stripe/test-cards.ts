export interface StripeDecline {
  readonly code: string;
  readonly decline_code?: string;
}

const declined = (decline_code: string): StripeDecline => ({ code: 'card_declined', decline_code });
/** The error code is the decline code too. */
const same = (code: string): StripeDecline => ({ code, decline_code: code });

/** Stripe's published test numbers ("Testing"): the issuer's word on each. */
export const STRIPE_TEST_CARDS: ReadonlyMap<string, 'approved' | StripeDecline> = new Map<
  string,
  'approved' | StripeDecline
>([
  ['4242424242424242', 'approved'],
  ['4111111111111111', 'approved'],
  ['4000056655665556', 'approved'],
  ['5555555555554444', 'approved'],
  ['2223003122003222', 'approved'],
  ['378282246310005', 'approved'],
  ['6011111111111117', 'approved'],
  ['3566002020360505', 'approved'],
  ['4000000000000002', declined('generic_decline')],
  ['4000000000009995', declined('insufficient_funds')],
  ['4000000000009987', declined('lost_card')],
  ['4000000000009979', declined('stolen_card')],
  ['4000000000006975', declined('card_velocity_exceeded')],
  ['4100000000000019', declined('fraudulent')],
  ['4000000000000069', same('expired_card')],
  ['4000000000000127', same('incorrect_cvc')],
  ['4000000000000119', same('processing_error')],
]);
