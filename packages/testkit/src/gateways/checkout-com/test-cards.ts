/** Checkout.com's published test cards ("Test cards"): all of them pay. */
export const CHECKOUT_TEST_CARDS: ReadonlySet<string> = new Set([
  ...['4242424242424242', '4543474002249996', '4658584090000001', '4484070000035519'],
  ...['5436031030606378', '2223000010479399', '5199992312641465', '5000186622346654'],
  ...['345678901234564', '378282246310005', '30123456789019', '6011111111111117', '3530111333300000'],
  // The schemes' own.
  ...['4111111111111111', '5555555555554444'],
]);

/** The sandbox answers by the end of the amount ("Testing"): two digits of the issuer's code, or five of Checkout.com's own. */
const BY_AMOUNT: ReadonlyMap<string, string> = new Map([
  ...['05', '12', '14', '51', '54', '59', '62', '63', '68', '91'].map((end) => [end, `200${end}`] as const),
  ...['41', '43'].map((end) => [end, `300${end}`] as const),
]);

/** The test cards' wrong security code: 20087. */
const WRONG_CVV = '999';

/** `10000`, or the code of a decline. */
export function responseCodeOf(amount: number, cvv: string | undefined): string {
  if (cvv?.startsWith(WRONG_CVV)) return '20087';
  return (amount === 0 ? undefined : BY_AMOUNT.get(String(amount % 100).padStart(2, '0'))) ?? '10000';
}
