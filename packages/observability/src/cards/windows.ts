import { CARD_DIGITS_MAX, CARD_DIGITS_MIN, cardAt } from './brands.ts';
import type { DigitRun } from './digit-runs.ts';

/** E.164 allows 15 digits: a number with a plus before it and no more than these is a phone number. */
const PHONE_DIGITS_MAX = 15;

/** Digits `start` to `start + length - 1` of a run are a card number. */
export interface CardWindow {
  readonly start: number;
  readonly length: number;
  readonly brand: string;
}

/**
 * The first card number of a run of digits, if there is one. What counts:
 * - whole groups that are 13 to 19 digits together (`4242 4242 4242 4242`, `4,2,4,2,…`);
 * - the beginning or the end of one group of up to 19 digits, if it has the brand's usual length (a security code or a
 *   menu key is glued to it);
 * - any place in one longer group (amount, number, expiry and code in one piece).
 * Not every place in a short group: decimal ids would be taken for cards too often.
 */
export function cardIn(run: DigitRun): CardWindow | undefined {
  if (run.plus && run.digits.length <= PHONE_DIGITS_MAX) return undefined;
  for (const [group, start] of run.groups.entries()) {
    const found = cardFrom(run, group, start);
    if (found) return found;
  }
  return undefined;
}

function cardFrom(run: DigitRun, group: number, start: number): CardWindow | undefined {
  const inside = cardInGroup(run.digits, start, endOf(run, group));
  if (inside) return inside;
  for (let last = group + 1; last < run.groups.length; last++) {
    const length = endOf(run, last) - start;
    if (length > CARD_DIGITS_MAX) return undefined;
    const found = windowAt(run.digits, start, length);
    if (found) return found;
  }
  return undefined;
}

/** Within digits that have nothing between them. */
export function cardInGroup(digits: ArrayLike<number>, start: number, end: number): CardWindow | undefined {
  const size = end - start;
  if (size < CARD_DIGITS_MIN) return undefined;
  for (let from = start; from + CARD_DIGITS_MIN <= end; from++) {
    for (let length = CARD_DIGITS_MIN; length <= CARD_DIGITS_MAX && from + length <= end; length++) {
      const anchored = from === start || from + length === end;
      const found = anchored || size > CARD_DIGITS_MAX ? windowAt(digits, from, length) : undefined;
      if (found && (length === size || size > CARD_DIGITS_MAX || isUsual(found))) return found;
    }
  }
  return undefined;
}

/** The length that nearly all cards of a brand have. Part of a number must have it, or decimal ids would often be masked. */
function isUsual(card: CardWindow): boolean {
  return card.length === (card.brand === 'amex' ? 15 : card.brand === 'diners' ? 14 : 16);
}

function windowAt(digits: ArrayLike<number>, start: number, length: number): CardWindow | undefined {
  if (length < CARD_DIGITS_MIN || length > CARD_DIGITS_MAX) return undefined;
  const brand = cardAt(digits, start, length);
  return brand === undefined ? undefined : { start, length, brand };
}

function endOf(run: DigitRun, group: number): number {
  return run.groups[group + 1] ?? run.digits.length;
}
