import { type FieldName, type FieldObject, ok, type Result } from '@sordino/core';
import type { DigitVault } from '../capture/digit-vault.ts';
import { type BrandOrUnknown, type CardBrand, rulesOf } from '../card/brand.ts';
import { judgeCardNumber } from '../card/card-number.ts';
import { ASCII_ZERO, allDigits } from '../card/digits.ts';
import { judgeExpiry } from '../card/expiry.ts';
import { lastFour } from '../card/last-four.ts';
import { isPostalCode, POSTAL_CODE_DIGITS_MAX, POSTAL_CODE_DIGITS_MIN } from '../card/postal-code.ts';
import { isSecurityCode } from '../card/security-code.ts';
import { badParam } from '../session/problems.ts';
import type { ServiceProblem } from '../session/service.ts';
import type { PayCard } from './read-request.ts';

export interface CardRules {
  readonly livemode: boolean;
  readonly acceptedBrands: readonly CardBrand[] | 'any';
  readonly nowMs: number;
}

type Wrong = ReturnType<typeof badParam>;

const WHY_NUMBER = {
  length: 'is no card number: it is digits, as many as its brand has',
  checksum: 'is no card number: its check digit does not fit',
  doubled: 'is no card number: each digit is there twice',
  brand_refused: 'is of a brand that is not taken',
  not_a_test_card: 'is no listed test card: with a test key only those are taken',
} as const;

const WHY_EXPIRY = {
  length: 'must be digits',
  month: 'must be a month from 01 to 12',
  expired: 'is over: the card has expired',
  too_far: 'is too far ahead',
} as const;

/**
 * The card from the bytes of the request into the session's vault, digit by digit as if it were keyed, and judged as there. `fields`: as a session
 * shows them. Of what is refused, the vault holds the rest until it is wiped.
 */
export function takeCard(
  card: PayCard,
  vault: DigitVault,
  rules: CardRules,
): Result<readonly FieldObject[], ServiceProblem> {
  const parts = [card.cardnumber, card.expiry_month, card.expiry_year, card.cvv, card.postal_code];
  const names = ['cardnumber', 'expiry_month', 'expiry_year', 'cvv', 'postal_code'];
  const odd = names[parts.findIndex((part) => part !== null && !allDigits(part))];
  if (odd !== undefined) return badParam(odd, 'invalid_parameter', `${odd} must be digits only`);
  if (card.cardnumber === null) return missing('cardnumber');
  fill(vault, 'card_number', card.cardnumber);
  const number = judgeCardNumber(vault.digits('card_number'), rules);
  // A number longer than a region of the vault was cut there, and is none.
  if (!number.ok || vault.length('card_number') !== card.cardnumber.length)
    return badParam(
      'cardnumber',
      'invalid_parameter',
      `cardnumber ${WHY_NUMBER[number.ok ? 'length' : number.why]}`,
    );
  const wrong = takeExpiry(card, vault, rules) ?? takeRest(card, vault, number.brand);
  return wrong ?? ok(fieldsOf(vault, number.brand));
}

function takeExpiry(
  { expiry_month: month, expiry_year: year }: PayCard,
  vault: DigitVault,
  { nowMs }: CardRules,
): Wrong | undefined {
  if (month === null) return missing('expiry_month');
  if (year === null) return missing('expiry_year');
  if (month.length > 2)
    return badParam('expiry_month', 'invalid_parameter', 'expiry_month must be a month from 01 to 12');
  const century = year.length === 4 && year[0] === ASCII_ZERO + 2 && year[1] === ASCII_ZERO;
  if (year.length !== 2 && !century)
    return badParam(
      'expiry_year',
      'invalid_parameter',
      'expiry_year must be two digits, or four that begin with 20',
    );
  if (month.length === 1) vault.append('expiry', 0);
  fill(vault, 'expiry', month);
  fill(vault, 'expiry', year.subarray(-2));
  const expiry = judgeExpiry(vault.digits('expiry'), nowMs);
  if (expiry.ok) return undefined;
  const param = expiry.why === 'month' ? 'expiry_month' : 'expiry_year';
  return badParam(param, 'invalid_parameter', `${param} ${WHY_EXPIRY[expiry.why]}`);
}

function takeRest(
  { cvv, postal_code }: PayCard,
  vault: DigitVault,
  brand: BrandOrUnknown,
): Wrong | undefined {
  if (cvv !== null && !isSecurityCode(cvv, brand))
    return badParam(
      'cvv',
      'invalid_parameter',
      `cvv must have ${rulesOf(brand).securityCodeLengths.join(' or ')} digits for this brand`,
    );
  if (postal_code !== null && !isPostalCode(postal_code))
    return badParam(
      'postal_code',
      'invalid_parameter',
      `postal_code must have ${POSTAL_CODE_DIGITS_MIN} to ${POSTAL_CODE_DIGITS_MAX} digits, or be left out`,
    );
  if (cvv !== null) fill(vault, 'cvc', cvv);
  if (postal_code !== null) fill(vault, 'postal_code', postal_code);
  return undefined;
}

function fill(vault: DigitVault, field: FieldName, digits: Uint8Array): void {
  for (const digit of digits) vault.append(field, digit - ASCII_ZERO);
}

const FIELDS: readonly FieldName[] = ['card_number', 'expiry', 'cvc', 'postal_code'];

function fieldsOf(vault: DigitVault, brand: BrandOrUnknown): readonly FieldObject[] {
  return FIELDS.filter((name) => vault.length(name) > 0).map((name) => ({
    ...{ name, state: 'captured', length: vault.length(name), code: null, attempts: 0 },
    ...(name === 'card_number'
      ? { brand, last4: lastFour(vault.digits(name)) }
      : { brand: null, last4: null }),
  }));
}

const missing = (param: string): Wrong =>
  badParam(param, 'parameter_missing', `${param} is missing: send it`);
