import { type BrandOrUnknown, rulesOf } from './brand.ts';
import { allDigits } from './digits.ts';

/** How long the code may be; with no card number yet, the lengths of all brands. */
export function securityCodeLengths(brand: BrandOrUnknown | undefined): readonly number[] {
  return rulesOf(brand ?? 'unknown').securityCodeLengths;
}

export function isSecurityCode(digits: Uint8Array, brand: BrandOrUnknown | undefined): boolean {
  return allDigits(digits) && securityCodeLengths(brand).includes(digits.length);
}
