import { TEST_CARDS } from '../../gateway/test-cards.ts';
import type { CreditCard } from './protocol.ts';

/** What a transaction is answered with: response code, and the reason for what is not approved. */
export interface Verdict {
  readonly responseCode: '1' | '2' | '3' | '4';
  readonly reason: string | null;
}

/** The numbers of the gateway's testing guide. */
const SANDBOX_CARDS = new Set([
  ...['370000000000002', '6011000000000012', '3088000000000017', '38000000000006', '4007000000027'],
  ...['4012888818888', '4111111111111111', '5424000000000015', '2223000010309703', '2223000010309711'],
]);

const BY_NUMBER: Readonly<Record<string, Verdict>> = {
  generic_decline: { responseCode: '2', reason: '2' },
  insufficient_funds: { responseCode: '2', reason: '2' },
  expired_card: { responseCode: '3', reason: '8' },
  incorrect_cvc: { responseCode: '2', reason: '65' },
};
const APPROVED: Verdict = { responseCode: '1', reason: null };

/** Above this the account's amount filter holds a transaction for review. */
const HELD_FROM_MINOR = 5_000_000;

/**
 * The testing guide's triggers: postal code 46282 is declined by the bank, 46205 does not match the address, security code 901 does not
 * match. (An account rejects these two by its default filters.)
 */
export function verdictOn(
  { cardNumber, expirationDate, cardCode }: CreditCard,
  zip: string | undefined,
  amountMinor: number,
  nowUnixMs: number,
): Verdict {
  const listed = TEST_CARDS[cardNumber];
  if (listed === undefined && !SANDBOX_CARDS.has(cardNumber)) return { responseCode: '3', reason: '6' };
  const [year, month] = expirationDate.split('-').map(Number);
  if (nowUnixMs >= Date.UTC(year ?? 0, month ?? 0)) return { responseCode: '3', reason: '8' };
  if (zip === '46282') return { responseCode: '2', reason: '2' };
  if (zip === '46205') return { responseCode: '2', reason: '27' };
  if (cardCode === '901') return { responseCode: '2', reason: '65' };
  if (amountMinor >= HELD_FROM_MINOR) return { responseCode: '4', reason: '253' };
  return (listed === undefined ? undefined : BY_NUMBER[listed]) ?? APPROVED;
}
