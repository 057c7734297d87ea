import { numberAt } from './digits.ts';
import { PREFIX_RANGES, type PrefixRange } from './prefix-ranges.ts';

export type CardBrand = keyof typeof PREFIX_RANGES;
/** `unknown`: no listed range; taken on Luhn and a length of 12 to 19 alone. */
export type BrandOrUnknown = CardBrand | 'unknown';

export interface BrandRules {
  readonly brand: BrandOrUnknown;
  /** Lengths that the brand issues, ascending. */
  readonly lengths: readonly number[];
  /** What nearly every card of the brand has: a customer who pauses here is done. */
  readonly usualLength: number;
  readonly securityCodeLengths: readonly number[];
  /** Some UnionPay numbers do not follow Luhn. */
  readonly luhn: boolean;
}

const THREE = [3];
const SIXTEEN = [16];
const SIXTEEN_UP = [16, 17, 18, 19];

const rules = (
  brand: BrandOrUnknown,
  lengths: readonly number[],
  extra: Partial<BrandRules> = {},
): BrandRules => ({ brand, lengths, usualLength: 16, securityCodeLengths: THREE, luhn: true, ...extra });

const RULES: Readonly<Record<CardBrand, BrandRules>> = {
  // 13 digits: legacy Visa, seldom seen, so never completed by a pause (only by `#`).
  visa: rules('visa', [13, 16, 18, 19]),
  mastercard: rules('mastercard', SIXTEEN),
  amex: rules('amex', [15], { usualLength: 15, securityCodeLengths: [4] }),
  diners: rules('diners', [14, 16, 19], { usualLength: 14 }),
  discover: rules('discover', [16, 19]),
  jcb: rules('jcb', SIXTEEN_UP),
  unionpay: rules('unionpay', [14, 15, 16, 17, 18, 19], { luhn: false }),
  maestro: rules('maestro', [12, 13, 14, 15, 16, 17, 18, 19]),
  mir: rules('mir', SIXTEEN_UP),
  elo: rules('elo', SIXTEEN),
  hiper: rules('hiper', SIXTEEN),
  hipercard: rules('hipercard', SIXTEEN),
  naranja: rules('naranja', SIXTEEN),
  troy: rules('troy', SIXTEEN),
  verve: rules('verve', [16, 18, 19]),
};

const UNKNOWN = rules('unknown', [12, 13, 14, 15, 16, 17, 18, 19], { securityCodeLengths: [3, 4] });

// Flattened once: (range, brand) pairs, so that a lookup makes no garbage that could hold part of a number.
const RANGES: readonly {
  readonly range: PrefixRange;
  readonly digits: number;
  readonly brand: CardBrand;
}[] = (Object.entries(PREFIX_RANGES) as [CardBrand, readonly PrefixRange[]][]).flatMap(([brand, list]) =>
  list.map((range) => ({ range, digits: String(range[0]).length, brand })),
);

/** The longest listed range that the number begins with; with eight or more digits the answer is final. */
export function brandOf(digits: Uint8Array): BrandOrUnknown {
  let best: BrandOrUnknown = 'unknown';
  let bestDigits = 0;
  for (const { range, digits: count, brand } of RANGES) {
    if (count <= bestDigits || digits.length < count) continue;
    const prefix = numberAt(digits, 0, count);
    if (prefix < range[0] || prefix > range[1]) continue;
    best = brand;
    bestDigits = count;
  }
  return best;
}

export function rulesOf(brand: BrandOrUnknown): BrandRules {
  return brand === 'unknown' ? UNKNOWN : RULES[brand];
}

/** The longest number any brand issues (ISO/IEC 7812-1). */
export const CARD_NUMBER_DIGITS_MAX = 19;
