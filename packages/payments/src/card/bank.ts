import { allDigits, numberAt } from './digits.ts';

export const BANK_ROUTING_DIGITS = 9;
/** Nacha file format: the account number field has 17 places. */
export const BANK_ACCOUNT_DIGITS_MIN = 4;
export const BANK_ACCOUNT_DIGITS_MAX = 17;

const ROUTING_WEIGHTS = [3, 7, 1, 3, 7, 1, 3, 7, 1];

/** ABA routing number: a Federal Reserve prefix and a checksum with the weights 3, 7, 1. */
export function isBankRouting(digits: Uint8Array): boolean {
  if (digits.length !== BANK_ROUTING_DIGITS || !allDigits(digits)) return false;
  const sum = ROUTING_WEIGHTS.reduce((total, weight, at) => total + weight * numberAt(digits, at, 1), 0);
  return sum > 0 && sum % 10 === 0 && isFederalReservePrefix(numberAt(digits, 0, 2));
}

/** 00 government, 01-12 primary, 21-32 thrift, 61-72 electronic, 80 traveller's cheques. */
function isFederalReservePrefix(prefix: number): boolean {
  return prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix === 80;
}

export function isBankAccount(digits: Uint8Array): boolean {
  return (
    allDigits(digits) && digits.length >= BANK_ACCOUNT_DIGITS_MIN && digits.length <= BANK_ACCOUNT_DIGITS_MAX
  );
}
