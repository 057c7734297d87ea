/**
 * What a card number begins with and how long it is (ISO/IEC 7812; ranges as the schemes publish them). Deliberately wide:
 * a scanner that masks too much is a nuisance, one that masks too little is a breach. UATP (1…) is left out,
 * because Unix times in milliseconds (13 digits) begin with 1 until the year 2033.
 */
interface Range {
  readonly brand: string;
  readonly from: number;
  readonly to: number;
  readonly lengths: readonly number[];
}

export const CARD_DIGITS_MIN = 13;
export const CARD_DIGITS_MAX = 19;

const ANY = [13, 14, 15, 16, 17, 18, 19];
const FROM_14 = [14, 15, 16, 17, 18, 19];
const FROM_16 = [16, 17, 18, 19];

/** The first range that fits names the brand, so narrow ones stand before wide ones. */
const RANGES: readonly Range[] = [
  { brand: 'visa', from: 4, to: 4, lengths: [13, 16, 18, 19] },
  { brand: 'mastercard', from: 51, to: 55, lengths: [16] },
  { brand: 'mastercard', from: 2221, to: 2720, lengths: [16] },
  { brand: 'mir', from: 2200, to: 2204, lengths: FROM_16 },
  { brand: 'amex', from: 34, to: 34, lengths: [15] },
  { brand: 'amex', from: 37, to: 37, lengths: [15] },
  { brand: 'diners', from: 300, to: 305, lengths: FROM_14 },
  { brand: 'diners', from: 309, to: 309, lengths: FROM_14 },
  { brand: 'diners', from: 36, to: 36, lengths: FROM_14 },
  { brand: 'diners', from: 38, to: 39, lengths: FROM_14 },
  { brand: 'jcb', from: 3528, to: 3589, lengths: FROM_16 },
  { brand: 'jcb', from: 2131, to: 2131, lengths: [15] },
  { brand: 'jcb', from: 1800, to: 1800, lengths: [15] },
  { brand: 'discover', from: 6011, to: 6011, lengths: FROM_16 },
  { brand: 'discover', from: 644, to: 659, lengths: FROM_16 },
  { brand: 'unionpay', from: 62, to: 62, lengths: FROM_14 },
  { brand: 'unionpay', from: 81, to: 82, lengths: FROM_14 },
  { brand: 'maestro', from: 50, to: 50, lengths: ANY },
  { brand: 'maestro', from: 56, to: 58, lengths: ANY },
  { brand: 'maestro', from: 6, to: 6, lengths: ANY },
  { brand: 'troy', from: 9792, to: 9792, lengths: [16] },
];

/** By first digit, each with the divisor-free prefix lengths to try: most windows end here after one look. */
const BY_FIRST_DIGIT: readonly (readonly Range[])[] = Array.from({ length: 10 }, (_, digit) =>
  RANGES.filter((range) => {
    const scale = 10 ** (String(range.from).length - 1);
    return Math.floor(range.from / scale) <= digit && digit <= Math.floor(range.to / scale);
  }),
);

type Digits = ArrayLike<number>;

/** The brand of `length` digits from `start`, or undefined when no scheme has such numbers or Luhn's check fails. */
export function cardAt(digits: Digits, start: number, length: number): string | undefined {
  for (const range of BY_FIRST_DIGIT[digits[start] ?? 0] ?? []) {
    if (!range.lengths.includes(length)) continue;
    const prefix = numberAt(digits, start, String(range.from).length);
    if (prefix >= range.from && prefix <= range.to)
      return luhnHolds(digits, start, length) ? range.brand : undefined;
  }
  return undefined;
}

function numberAt(digits: Digits, start: number, length: number): number {
  let value = 0;
  for (let i = start; i < start + length; i++) value = value * 10 + (digits[i] ?? 0);
  return value;
}

/** ISO/IEC 7812-1 annex B: every second digit from the right doubled, digits summed, a multiple of ten. */
function luhnHolds(digits: Digits, start: number, length: number): boolean {
  let sum = 0;
  for (let i = 0; i < length; i++) {
    const digit = digits[start + length - 1 - i] ?? 0;
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
