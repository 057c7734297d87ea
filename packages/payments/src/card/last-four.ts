/** Of a number of fewer digits the last four are half of it or more. */
const LAST_FOUR_OF_DIGITS_MIN = 8;

/** The only card digits that ever become text (PCI DSS 3.4.1). */
export function lastFour(number: Uint8Array): string | null {
  return number.length < LAST_FOUR_OF_DIGITS_MIN ? null : String.fromCharCode(...number.subarray(-4));
}
