import { allDigits } from './digits.ts';

/** A keypad has digits only: Iceland and others have 3, the USA 5 or 9, the longest purely numeric codes 10. */
export const POSTAL_CODE_DIGITS_MIN = 3;
export const POSTAL_CODE_DIGITS_MAX = 10;

export function isPostalCode(digits: Uint8Array): boolean {
  return (
    allDigits(digits) && digits.length >= POSTAL_CODE_DIGITS_MIN && digits.length <= POSTAL_CODE_DIGITS_MAX
  );
}
