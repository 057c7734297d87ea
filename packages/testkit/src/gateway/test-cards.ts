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

/** The published test accounts, by routing and account number. */
const TEST_BANK_ACCOUNTS: Readonly<Record<string, Verdict>> = {
  '110000000 000123456789': 'approved',
  '110000000 000222222227': 'insufficient_funds',
  '110000000 000111111113': 'generic_decline',
  '108800 00012345': 'approved',
  '108800 33333335': 'generic_decline',
};

/** What the issuer, or the account's bank, says. `nowUnixMs` decides whether the card's last month is over. */
export function verdictOn(
  { card, bank_account }: Pick<ChargeRequest, 'card' | 'bank_account'>,
  nowUnixMs: number,
): Verdict {
  if (bank_account !== undefined) return verdictOnAccount(bank_account);
  if (card === undefined)
    throw new GatewayRefusal(400, 'invalid_request', 'there is neither card nor account');
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

function verdictOnAccount({ routing, account }: NonNullable<ChargeRequest['bank_account']>): Verdict {
  const verdict = TEST_BANK_ACCOUNTS[`${routing} ${account}`];
  if (verdict !== undefined) return verdict;
  throw new GatewayRefusal(
    400,
    'unknown_test_account',
    'this sandbox takes test accounts only; the number is none of them',
  );
}
