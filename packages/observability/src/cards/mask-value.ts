import { MASK, maskCards } from './mask.ts';

/** Ids and one-time tokens of ours, hashes, E.164 numbers: whatever digits they hold, nothing else can stand in them. */
const NO_CARD = /^(?:[a-z]{2,8}_(?:secret_)?[0-9a-hjkmnp-tv-z]{26}|[0-9a-f]{64}|\+\d{7,15})$/;
/**
 * The platform's name of a call and its Call-IDs: many are 16 digits, one in 17 of which would pass for a card number, and a call whose name was
 * masked is found by nobody.
 */
const CALL_IDS: ReadonlySet<string> = new Set(['call_id', 'callId']);
/**
 * Quick to say no, for most commits of a call hold none: as many digits as a card has, with no more than two marks between them, that are
 * not a time in milliseconds (13 digits, the first a 1, which no card begins with).
 */
const CANDIDATE = /(?<!\d)(?!1\d{12}(?!\d))\d(?:[^0-9A-Za-z]{0,2}\d){12,}/;

export interface MaskedValue<Value> {
  readonly value: Value;
  /** Card numbers that were replaced. */
  readonly hits: number;
}

/**
 * A value of plain data with every card number in its texts, numbers and names replaced, and in lists whose elements are its digits; the
 * same value when there is none. `json`: the value as JSON, when the caller has it.
 */
export function maskCardsIn<Value>(value: Value, json = JSON.stringify(value)): MaskedValue<Value> {
  if (json === undefined || !CANDIDATE.test(json)) return { value, hits: 0 };
  const counter = { hits: 0 };
  const masked = walk(value, counter) as Value;
  return counter.hits === 0 ? { value, hits: 0 } : { value: masked, hits: counter.hits };
}

function walk(value: unknown, counter: { hits: number }): unknown {
  if (typeof value === 'string') return NO_CARD.test(value) ? value : text(value, counter);
  // What has a fraction is a measurement.
  if (typeof value === 'number' && Number.isInteger(value)) {
    const masked = text(String(value), counter);
    return masked === String(value) ? value : masked;
  }
  if (Array.isArray(value)) {
    const isFlat = value.every((element) => typeof element !== 'object' || element === null);
    if (isFlat && maskCards(value.join(',')).hits > 0) {
      counter.hits += 1;
      return [MASK];
    }
    return value.map((element) => walk(element, counter));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      text(name, counter),
      CALL_IDS.has(name) ? inner : walk(inner, counter),
    ]),
  );
}

function text(value: string, counter: { hits: number }): string {
  const masked = maskCards(value);
  counter.hits += masked.hits;
  return masked.text;
}
