import type { FieldCode, FieldName } from '@sordino/core';
import type { BrandOrUnknown } from '../card/brand.ts';

/** What the rules say of a finished field. `hint` tells the agent what to say; it never repeats a digit. */
export type Verdict = Acceptance | Refusal;

export interface Acceptance {
  readonly ok: true;
  /** Of a card number. */
  readonly brand: BrandOrUnknown | null;
}

export interface Refusal {
  readonly ok: false;
  readonly code: FieldCode;
  readonly hint: string;
}

export const accepted = (brand: BrandOrUnknown | null = null): Acceptance => ({ ok: true, brand });
export const rejected = (code: FieldCode, hint: string): Refusal => ({ ok: false, code, hint });

/** Nothing in the number itself shows a wrong digit, and the money goes elsewhere: keyed twice, and both have to be the same. */
export const KEYED_TWICE: ReadonlySet<FieldName> = new Set<FieldName>(['bank_routing', 'bank_account']);

/** The code of a field whose digits cannot be trusted, whatever they are. */
export const INVALID_CODE: Readonly<Record<FieldName, FieldCode>> = {
  card_number: 'invalid_card_number',
  expiry: 'invalid_date',
  cvc: 'invalid_security_code',
  postal_code: 'invalid_postal_code',
  bank_routing: 'invalid_bank_routing_number',
  bank_account: 'invalid_bank_account_number',
};
