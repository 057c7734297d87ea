import type { FieldName } from '@sordino/core';
import { bankRulesOf, isBankAccount, isBankRouting } from '../card/bank.ts';
import { type BrandOrUnknown, brandOf, CARD_NUMBER_DIGITS_MAX, rulesOf } from '../card/brand.ts';
import { type CardNumberPolicy, judgeCardNumber } from '../card/card-number.ts';
import { EXPIRY_DIGITS, judgeExpiry } from '../card/expiry.ts';
import { isPostalCode, POSTAL_CODE_DIGITS_MAX, POSTAL_CODE_DIGITS_MIN } from '../card/postal-code.ts';
import { isSecurityCode, securityCodeLengths } from '../card/security-code.ts';
import { isTestBankNumber } from '../card/test-numbers.ts';
import { hintFor } from './hints.ts';
import { PAUSE_ENDS_FIELD_MS, PAUSE_ENDS_OPEN_FIELD_MS } from './limits.ts';
import { accepted, rejected, type Verdict } from './verdict.ts';

/** What a rule may look at besides the digits of its own field. */
export interface FieldContext extends CardNumberPolicy {
  /** Unix ms. */
  readonly nowMs: number;
  /** Of the card number, once captured. */
  readonly brand: BrandOrUnknown | undefined;
  /** Of the session: it says what a bank account looks like. */
  readonly currency: string;
}

/** `more`: keep listening · `pause_ends`: done unless another digit follows soon · `full`: done now. */
type Fill = 'more' | 'pause_ends' | 'full';

export interface FieldRule {
  fill(digits: Uint8Array, context: FieldContext): Fill;
  readonly pauseMs: number;
  judge(digits: Uint8Array, context: FieldContext): Verdict;
}

const fixed = (digitCount: number) => (digits: Uint8Array) => (digits.length >= digitCount ? 'full' : 'more');

const between = (min: number, max: number) => (digits: Uint8Array) => {
  if (digits.length >= max) return 'full';
  return digits.length >= min ? 'pause_ends' : 'more';
};

export const FIELD_RULES: Readonly<Record<FieldName, FieldRule>> = {
  card_number: {
    fill: fillOfCardNumber,
    pauseMs: PAUSE_ENDS_FIELD_MS,
    judge(digits, context) {
      const verdict = judgeCardNumber(digits, context);
      if (verdict.ok) return accepted(verdict.brand);
      const code = verdict.why === 'brand_refused' ? 'invalid_card_type' : 'invalid_card_number';
      return rejected(verdict.why === 'doubled' ? 'duplicate_tones' : code, hintFor(verdict.why));
    },
  },
  expiry: {
    fill: fixed(EXPIRY_DIGITS),
    pauseMs: PAUSE_ENDS_FIELD_MS,
    judge(digits, context) {
      const verdict = judgeExpiry(digits, context.nowMs);
      return verdict.ok ? accepted() : rejected('invalid_date', hintFor(`expiry_${verdict.why}`));
    },
  },
  cvc: {
    fill(digits, context) {
      const lengths = securityCodeLengths(context.brand);
      return between(Math.min(...lengths), Math.max(...lengths))(digits);
    },
    pauseMs: PAUSE_ENDS_FIELD_MS,
    judge: (digits, context) =>
      isSecurityCode(digits, context.brand)
        ? accepted()
        : rejected('invalid_security_code', hintFor('security_code')),
  },
  postal_code: {
    fill: between(POSTAL_CODE_DIGITS_MIN, POSTAL_CODE_DIGITS_MAX),
    pauseMs: PAUSE_ENDS_OPEN_FIELD_MS,
    judge: (digits) =>
      isPostalCode(digits) ? accepted() : rejected('invalid_postal_code', hintFor('postal_code')),
  },
  bank_routing: {
    fill: (digits, { currency }) => fixed(bankRulesOf(currency).routingDigits)(digits),
    pauseMs: PAUSE_ENDS_FIELD_MS,
    judge(digits, { currency, livemode }) {
      if (!isBankRouting(digits, bankRulesOf(currency)))
        return rejected(
          'invalid_bank_routing_number',
          hintFor(currency === 'gbp' ? 'sort_code' : 'bank_routing'),
        );
      return livemode || isTestBankNumber(digits, currency)
        ? accepted()
        : rejected('invalid_bank_routing_number', hintFor('not_a_test_account'));
    },
  },
  bank_account: {
    fill(digits, { currency }) {
      const { accountDigitsMin, accountDigitsMax } = bankRulesOf(currency);
      return between(accountDigitsMin, accountDigitsMax)(digits);
    },
    pauseMs: PAUSE_ENDS_OPEN_FIELD_MS,
    judge(digits, { currency, livemode }) {
      if (!isBankAccount(digits, bankRulesOf(currency)))
        return rejected(
          'invalid_bank_account_number',
          hintFor(currency === 'gbp' ? 'bank_account_gbp' : 'bank_account'),
        );
      return livemode || isTestBankNumber(digits, currency)
        ? accepted()
        : rejected('invalid_bank_account_number', hintFor('not_a_test_account'));
    },
  },
};

/** The brand decides while the customer types: Amex ends at 15, a Visa of 16 may go on to 18 or 19. */
function fillOfCardNumber(digits: Uint8Array): Fill {
  const { lengths, usualLength } = rulesOf(brandOf(digits));
  if (digits.length >= (lengths.at(-1) ?? CARD_NUMBER_DIGITS_MAX)) return 'full';
  return digits.length >= usualLength && lengths.includes(digits.length) ? 'pause_ends' : 'more';
}
