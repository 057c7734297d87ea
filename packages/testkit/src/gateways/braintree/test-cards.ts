import { TEST_CARDS } from '../../gateway/test-cards.ts';
import type { CardFields } from './schemas.ts';

/** What the processor or a rule of the account says. */
export type Verdict =
  | { readonly status: 'authorized' }
  | { readonly status: 'processor_declined' | 'failed'; readonly code: string; readonly isSoft: boolean }
  | { readonly status: 'gateway_rejected'; readonly reason: string }
  | { readonly status: 'invalid'; readonly code: string; readonly attribute: string };

/** The numbers of the testing page, besides those that every simulated gateway takes. */
const SANDBOX_CARDS = new Set([
  ...['371449635398431', '36259600000004', '6011000991300009', '3530111333300000', '6304000000000000'],
  ...['5555555555554444', '2223000048400011', '4111111111111111', '4005519200000004', '4009348888881881'],
  ...['4012000033330026', '4012000077777777', '4012888888881881', '4217651111111119', '4500600000000061'],
]);
/** Whose verification the processor declines. */
const UNVERIFIABLE = new Set(['4000111111111115', '5105105105105100', '378734493671000']);

const BY_NUMBER: Readonly<Record<string, string>> = {
  ...{ generic_decline: '2000', insufficient_funds: '2001', expired_card: '2004', incorrect_cvc: '2010' },
};
const SOFT = new Set(['2000', '2001', '2002', '2003', '2046', '3000']);
const declined = (code: string): Verdict => ({
  ...{ status: code.startsWith('3') ? 'failed' : 'processor_declined', code, isSoft: SOFT.has(code) },
});

/**
 * The testing page's triggers: an amount from 2000 to 2999.99 is declined with that code, from 3000 to 3000.99 fails; security code 200
 * does not match, nor does postal code 20000 (the account's rules reject these two).
 */
export function verdictOn(
  { number, cvv, ...card }: CardFields,
  postalCode: string | undefined,
  amountMinor: number,
  nowUnixMs: number,
): Verdict {
  const listed = TEST_CARDS[number];
  if (listed === undefined && !SANDBOX_CARDS.has(number) && !UNVERIFIABLE.has(number))
    return { status: 'invalid', code: '81715', attribute: 'number' };
  const whole = Math.floor(amountMinor / 100);
  if (whole >= 2_000 && whole <= 3_000) return declined(String(whole));
  if (amountMinor === 0 && UNVERIFIABLE.has(number)) return declined('2000');
  if (nowUnixMs >= Date.UTC(Number(card.expiration_year), Number(card.expiration_month)))
    return declined('2004');
  const byNumber = listed === undefined ? undefined : BY_NUMBER[listed];
  if (byNumber !== undefined) return declined(byNumber);
  if (amountMinor === 500_100) return { status: 'gateway_rejected', reason: 'application_incomplete' };
  if (cvv === '200') return { status: 'gateway_rejected', reason: 'cvv' };
  return postalCode === '20000' ? { status: 'gateway_rejected', reason: 'avs' } : { status: 'authorized' };
}
