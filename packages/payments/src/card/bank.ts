import { allDigits, numberAt } from './digits.ts';

/** Currencies whose bank accounts can be keyed: what a routing number is differs from country to country. */
export const BANK_CURRENCIES = ['usd', 'gbp'] as const;

export interface BankRules {
  readonly routingDigits: number;
  readonly accountDigitsMin: number;
  readonly accountDigitsMax: number;
  isRouting(digits: Uint8Array): boolean;
}

const RULES: Readonly<Record<(typeof BANK_CURRENCIES)[number], BankRules>> = {
  // Nacha file format: the account number field has 17 places.
  usd: { routingDigits: 9, accountDigitsMin: 4, accountDigitsMax: 17, isRouting: isAbaRouting },
  // Sort code and account number of Bacs. Accounts of six and seven digits are written with zeros in front.
  gbp: { routingDigits: 6, accountDigitsMin: 8, accountDigitsMax: 8, isRouting: isSortCode },
};

/** Those of US dollars where a session has another currency: it was refused at create. */
export const bankRulesOf = (currency: string): BankRules => (currency === 'gbp' ? RULES.gbp : RULES.usd);

export function isBankRouting(digits: Uint8Array, { routingDigits, isRouting }: BankRules): boolean {
  return digits.length === routingDigits && allDigits(digits) && isRouting(digits);
}

export function isBankAccount(
  digits: Uint8Array,
  { accountDigitsMin, accountDigitsMax }: BankRules,
): boolean {
  return allDigits(digits) && digits.length >= accountDigitsMin && digits.length <= accountDigitsMax;
}

const ROUTING_WEIGHTS = [3, 7, 1, 3, 7, 1, 3, 7, 1];

/** ABA routing number: a Federal Reserve prefix and a checksum with the weights 3, 7, 1. */
function isAbaRouting(digits: Uint8Array): boolean {
  const sum = ROUTING_WEIGHTS.reduce((total, weight, at) => total + weight * numberAt(digits, at, 1), 0);
  return sum > 0 && sum % 10 === 0 && isFederalReservePrefix(numberAt(digits, 0, 2));
}

/** 00 government, 01-12 primary, 21-32 thrift, 61-72 electronic, 80 traveller's cheques. */
function isFederalReservePrefix(prefix: number): boolean {
  return prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix === 80;
}

/** It has no check digit; 00-00-00 is nobody's. */
function isSortCode(digits: Uint8Array): boolean {
  return numberAt(digits, 0, digits.length) > 0;
}
