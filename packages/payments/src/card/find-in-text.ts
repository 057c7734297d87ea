import { OPAQUE_ID } from '@sordino/core';
import { brandOf, CARD_NUMBER_DIGITS_MAX, rulesOf } from './brand.ts';
import { passesLuhn } from './luhn.ts';

/** 13 or more digits, with the separators people write between them. */
const CANDIDATE = /\d(?:[ .\-/]?\d){12,}/g;

/**
 * Whether text that somebody else wrote contains what looks like a card number: a listed brand, a length of that brand, Luhn. Used to
 * refuse such text before it is stored; not for card data of our own, which is never text.
 */
export function containsCardNumber(text: string): boolean {
  for (const [candidate] of text.replace(OPAQUE_ID, '').matchAll(CANDIDATE)) {
    const digits = new TextEncoder().encode(candidate.replace(/\D/g, ''));
    for (let at = 0; at < digits.length; at += 1)
      for (let end = Math.min(digits.length, at + CARD_NUMBER_DIGITS_MAX); end - at >= 13; end -= 1)
        if (isCardNumber(digits.subarray(at, end))) return true;
  }
  return false;
}

function isCardNumber(digits: Uint8Array): boolean {
  const brand = brandOf(digits);
  return brand !== 'unknown' && rulesOf(brand).lengths.includes(digits.length) && passesLuhn(digits);
}
