import { yearMonthUtc } from './calendar.ts';
import { allDigits, numberAt } from './digits.ts';

export const EXPIRY_DIGITS = 4;

/** Issuers print at most this far ahead; further is a mistyped year. */
const EXPIRY_YEARS_AHEAD_MAX = 20;

/** UTC-12, the last place on earth where a month ends: nobody's card is refused before its last day is over. */
const FURTHEST_BEHIND_MS = 12 * 3_600_000;

export type ExpiryVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: 'length' | 'month' | 'expired' | 'too_far' };

/** Judges `MMYY` at `nowMs` (Unix): valid to the end of the printed month in UTC-12. */
export function judgeExpiry(digits: Uint8Array, nowMs: number): ExpiryVerdict {
  if (digits.length !== EXPIRY_DIGITS || !allDigits(digits)) return { ok: false, why: 'length' };
  const month = numberAt(digits, 0, 2);
  if (month < 1 || month > 12) return { ok: false, why: 'month' };
  const now = yearMonthUtc(nowMs - FURTHEST_BEHIND_MS);
  const year = fullYear(numberAt(digits, 2, 2), now.year);
  if (year < now.year || (year === now.year && month < now.month)) return { ok: false, why: 'expired' };
  if (year > now.year + EXPIRY_YEARS_AHEAD_MAX) return { ok: false, why: 'too_far' };
  return { ok: true };
}

/** The year nearest to now that ends in these two digits: in 2095, `05` is 2105 and not ninety years ago. */
function fullYear(twoDigits: number, nowYear: number): number {
  const sameCentury = nowYear - (nowYear % 100) + twoDigits;
  if (sameCentury < nowYear - 50) return sameCentury + 100;
  if (sameCentury > nowYear + 50) return sameCentury - 100;
  return sameCentury;
}
