import { findCardNumbers } from '@sordino/observability';

/** A place where card data could come to rest or leave by. */
export interface Sink {
  readonly where: string;
  readonly content: string | Uint8Array;
}

/** A piece of a number is a leak as well. Shorter pieces than this are found by chance. */
const PIECE_DIGITS = 9;

/** Where any of the cards is, whole or a piece of it in text; each place once. */
export function findCards(sinks: readonly Sink[], cards: readonly string[]): string[] {
  const pieces = cards.flatMap(piecesOf);
  return sinks
    .filter(({ content }) => {
      if (findCardNumbers(content, cards).length > 0) return true;
      return typeof content === 'string' && findCardNumbers(content, pieces).length > 0;
    })
    .map(({ where }) => where);
}

/** Nine digits in a row, but not nine of the same: those are padding. */
function piecesOf(card: string): string[] {
  const starts = Array.from({ length: card.length - PIECE_DIGITS + 1 }, (_, start) => start);
  return starts
    .map((start) => card.slice(start, start + PIECE_DIGITS))
    .filter((piece) => new Set(piece).size > 1);
}

/** A name for it, then up to 24 characters that are no digits, then the code alone. */
const NAMED = (code: string): RegExp =>
  new RegExp(`(cvc|cvv|csc|cid|security.?code|verification)\\D{0,24}(?<!\\d)${code}(?!\\d)`, 'i');
/** A text value of JSON or YAML, or a parameter, that is the code and nothing else. */
const ALONE = (code: string): RegExp => new RegExp(`["'=]${code}["'&;]`);

/** Where a security code is. Three digits are everywhere by chance, so it is searched for in its context. */
export function findSecurityCodes(sinks: readonly Sink[], codes: readonly string[]): string[] {
  return sinks
    .filter(({ content }) => {
      const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
      return codes.some((code) => NAMED(code).test(text) || ALONE(code).test(text));
    })
    .map(({ where }) => where);
}

/**
 * Keys that stand alone in many records, one after another: `{"key":4}`, `{"key":2}` … For each place in a record, the single keys that
 * ever stood there, in order, as one text to be searched.
 */
export function keysOneByOne(where: string, records: readonly unknown[]): Sink[] {
  const keys = new Map<string, string>();
  const walk = (path: string, value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) walk(`${path}.${name}`, inner);
    } else if (/^\d$/.test(String(value))) keys.set(path, `${keys.get(path) ?? ''}${value}`);
  };
  for (const record of records) walk(where, record);
  return [...keys].map(([path, content]) => ({ where: path, content }));
}
