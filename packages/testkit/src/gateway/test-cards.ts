import { type ChargeRequest, type DeclineCode, GatewayRefusal } from './protocol.ts';

export type Verdict = 'approved' | DeclineCode;

/** The published test numbers; a real card number is refused before anything is done with it. */
export const TEST_CARDS: Readonly<Record<string, Verdict>> = {
  '4242424242424242': 'approved',
  '4111111111111111': 'approved',
  '5555555555554444': 'approved',
  '378282246310005': 'approved',
  '4000000000000002': 'generic_decline',
  '4000000000009995': 'insufficient_funds',
  '4000000000000069': 'expired_card',
  '4000000000000127': 'incorrect_cvc',
};

/** What the issuer says. `nowUnixMs` decides whether the card's last month is over. */
export function verdictOn(card: ChargeRequest['card'], nowUnixMs: number): Verdict {
  const verdict = TEST_CARDS[card.number];
  if (verdict === undefined) {
    throw new GatewayRefusal(
      400,
      'unknown_test_card',
      'this sandbox takes test cards only; the number is none of them',
    );
  }
  // A card is good to the end of the month printed on it.
  const firstInvalidUnixMs = Date.UTC(2000 + Number(card.exp_year), Number(card.exp_month));
  return verdict === 'approved' && nowUnixMs >= firstInvalidUnixMs ? 'expired_card' : verdict;
}
