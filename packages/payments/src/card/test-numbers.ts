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
  // Of the test systems of Adyen and Worldpay.
  '4444333322221111',
  // The sandbox declines these: in general, for lack of funds, as expired, for a wrong security code.
  '4000000000000002',
  '4000000000009995',
  '4000000000000069',
  '4000000000000127',
] as const;

/** Routing and account numbers that gateways publish for testing, and the sandbox knows. */
const TEST_BANK_ACCOUNTS = [
  { currency: 'usd', routing: '110000000', account: '000123456789' },
  { currency: 'usd', routing: '110000000', account: '000222222227' },
  { currency: 'usd', routing: '110000000', account: '000111111113' },
  { currency: 'gbp', routing: '108800', account: '00012345' },
  { currency: 'gbp', routing: '108800', account: '33333335' },
] as const;

const listed = TEST_CARD_NUMBERS.map((number) => new TextEncoder().encode(number));

const listedAccounts = TEST_BANK_ACCOUNTS.flatMap(({ currency, routing, account }) =>
  [routing, account].map((number) => ({ currency, number: new TextEncoder().encode(number) })),
);

/** A routing or account number of one of the test accounts of this currency. */
export function isTestBankNumber(digits: Uint8Array, currency: string): boolean {
  return listedAccounts.some((listed) => listed.currency === currency && sameBytes(listed.number, digits));
}

export function isTestCardNumber(digits: Uint8Array): boolean {
  return listed.some((number) => sameBytes(number, digits));
}
