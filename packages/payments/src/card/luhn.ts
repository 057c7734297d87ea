import { ASCII_ZERO } from './digits.ts';

/** ISO/IEC 7812-1 annex B: from the right, every second digit counts double; the sum of the digits is a multiple of ten. */
export function passesLuhn(digits: Uint8Array): boolean {
  if (digits.length === 0) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = (digits[digits.length - 1 - i] ?? ASCII_ZERO) - ASCII_ZERO;
    const weighted = i % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
