import { sameBytes } from './digits.ts';

/** Numbers that the schemes and gateways publish for testing: no account stands behind them, so they may be constants. */
export const TEST_CARD_NUMBERS = [
  '4242424242424242',
  '4111111111111111',
  '4222222222222',
  '4000000000000000006',
  '5555555555554444',
  '2223003122003222',
  '378282246310005',
  '6011111111111117',
  '30569309025904',
  '3566002020360505',
  '6205500000000000004',
  '6771798021000008',
  // The sandbox declines these: in general, for lack of funds, as expired, for a wrong security code.
  '4000000000000002',
  '4000000000009995',
  '4000000000000069',
  '4000000000000127',
] as const;

const listed = TEST_CARD_NUMBERS.map((number) => new TextEncoder().encode(number));

export function isTestCardNumber(digits: Uint8Array): boolean {
  return listed.some((number) => sameBytes(number, digits));
}
