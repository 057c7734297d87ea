import { type BrandOrUnknown, brandOf, type CardBrand, rulesOf } from './brand.ts';
import { allDigits } from './digits.ts';
import { passesLuhn } from './luhn.ts';
import { isTestCardNumber } from './test-numbers.ts';

export interface CardNumberPolicy {
  /** Test mode takes the published test numbers only: a real card must never enter a test system (PCI DSS 6.5.5). */
  readonly livemode: boolean;
  readonly acceptedBrands: readonly CardBrand[] | 'any';
}

export type CardNumberVerdict =
  | { readonly ok: true; readonly brand: BrandOrUnknown }
  | {
      readonly ok: false;
      readonly why: 'length' | 'checksum' | 'doubled' | 'brand_refused' | 'not_a_test_card';
    };

export function judgeCardNumber(digits: Uint8Array, policy: CardNumberPolicy): CardNumberVerdict {
  const brand = brandOf(digits);
  const { lengths, luhn } = rulesOf(brand);
  if (!allDigits(digits) || !lengths.includes(digits.length)) return { ok: false, why: 'length' };
  if (luhn && !passesLuhn(digits)) return { ok: false, why: everyKeyTwice(digits) ? 'doubled' : 'checksum' };
  if (policy.acceptedBrands !== 'any' && (brand === 'unknown' || !policy.acceptedBrands.includes(brand)))
    return { ok: false, why: 'brand_refused' };
  if (!policy.livemode && !isTestCardNumber(digits)) return { ok: false, why: 'not_a_test_card' };
  return { ok: true, brand };
}

/** Each key heard twice (a carrier that sends the tone and the event): 44 22 44 22 … by chance once in 10^6 numbers. */
function everyKeyTwice(digits: Uint8Array): boolean {
  for (let i = 0; i + 1 < digits.length; i += 2) if (digits[i] !== digits[i + 1]) return false;
  return true;
}
