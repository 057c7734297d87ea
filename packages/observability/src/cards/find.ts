import { CARD_DIGITS_MIN, cardAt } from './brands.ts';
import { type DigitRun, digitRuns, type Units, unitsOfText } from './digit-runs.ts';
import { type CardWindow, cardIn, cardInGroup } from './windows.ts';

export type FindingEncoding = 'text' | 'utf16le' | 'utf16be' | 'bcd' | 'dtmf_events';

/** A card number in some sink. Never the number itself: a test prints this. */
export interface Finding {
  readonly encoding: FindingEncoding;
  /** In bytes for bytes, in UTF-16 units for a string. */
  readonly offset: number;
  readonly length: number;
  readonly brand: string;
  readonly last4: string;
}

/**
 * Searches a sink for card numbers: as text (ASCII and UTF-8, with separators and escapes), as UTF-16, packed two digits to a
 * byte (BCD), and as RFC 4733 event codes (bytes 0 to 9).
 *
 * Without `known` it reports whatever looks like a card number. Packed digits that are printable as text are then left
 * out (`BBBBBBBB` is 4242424242424242), and large random data will hold a few by chance. With `known` (test card
 * numbers) it reports exactly these, in every encoding and at every place.
 */
export function findCardNumbers(sink: Uint8Array | string, known?: readonly string[]): Finding[] {
  const wanted = known?.map((number) => Array.from(number.replace(/\D/g, ''), Number));
  if (typeof sink === 'string') return [...inText(unitsOfText(sink), 'text', wanted, (offset) => offset)];
  return [
    ...inText({ length: sink.length, at: (i) => sink[i] ?? 0 }, 'text', wanted, (offset) => offset),
    ...inUtf16(sink, wanted),
    ...inDigits(nibblesOf(sink), 'bcd', wanted, (i) => i / 2, sink),
    ...inDigits(sink, 'dtmf_events', wanted, (i) => i),
  ].sort((a, b) => a.offset - b.offset);
}

type Wanted = readonly (readonly number[])[] | undefined;

function* inUtf16(sink: Uint8Array, wanted: Wanted): Generator<Finding> {
  for (const parity of [0, 1]) {
    const length = (sink.length - parity) >> 1;
    const at = (high: number, low: number) => (i: number) =>
      i < 0 || i >= length
        ? 0
        : ((sink[2 * i + parity + high] ?? 0) << 8) | (sink[2 * i + parity + low] ?? 0);
    const toBytes = (i: number) => 2 * i + parity;
    yield* inText({ length, at: at(1, 0) }, 'utf16le', wanted, toBytes);
    yield* inText({ length, at: at(0, 1) }, 'utf16be', wanted, toBytes);
  }
}

function* inText(
  units: Units,
  encoding: FindingEncoding,
  wanted: Wanted,
  toOffset: (unit: number) => number,
): Generator<Finding> {
  const digitsMin = Math.min(CARD_DIGITS_MIN, ...(wanted?.map((digits) => digits.length) ?? []));
  for (const run of digitRuns(units, digitsMin)) {
    for (const card of wanted ? wantedIn(run.digits, wanted) : lookAlikes(run)) {
      const offset = toOffset(run.starts[card.start] ?? 0);
      const end = toOffset(run.ends[card.start + card.length - 1] ?? 0);
      yield { encoding, offset, length: end - offset, brand: card.brand, last4: last4(run.digits, card) };
    }
  }
}

function lookAlikes(run: DigitRun): CardWindow[] {
  const card = cardIn(run);
  return card ? [card] : [];
}

/** In values of which 0 to 9 are digits and all else ends a number. */
function* inDigits(
  values: Uint8Array,
  encoding: FindingEncoding,
  wanted: Wanted,
  toOffset: (index: number) => number,
  packedIn?: Uint8Array,
): Generator<Finding> {
  for (let start = 0; start < values.length; start++) {
    let end = start;
    while (end < values.length && (values[end] ?? 255) <= 9) end++;
    const found = wanted ? wantedIn(values.subarray(start, end), wanted) : cardsInGroup(values, start, end);
    for (const card of found) {
      const from = wanted ? start + card.start : card.start;
      const offset = Math.floor(toOffset(from));
      const length = Math.ceil(toOffset(from + card.length)) - offset;
      if (!wanted && packedIn && isPrintable(packedIn.subarray(offset, offset + length))) continue;
      yield { encoding, offset, length, brand: card.brand, last4: last4(values, { ...card, start: from }) };
    }
    start = end;
  }
}

function* cardsInGroup(values: Uint8Array, start: number, end: number): Generator<CardWindow> {
  for (let from = start; ; ) {
    const card = cardInGroup(values, from, end);
    if (!card) return;
    yield card;
    from = card.start + card.length;
  }
}

/** `digits` are only digits here, so this is a plain search. */
function* wantedIn(digits: ArrayLike<number>, wanted: readonly (readonly number[])[]): Generator<CardWindow> {
  for (const number of wanted) {
    for (let start = 0; start + number.length <= digits.length; start++) {
      if (!number.every((digit, i) => digits[start + i] === digit)) continue;
      yield { start, length: number.length, brand: cardAt(number, 0, number.length) ?? 'unknown' };
    }
  }
}

function nibblesOf(bytes: Uint8Array): Uint8Array {
  const nibbles = new Uint8Array(2 * bytes.length);
  for (const [i, byte] of bytes.entries()) {
    nibbles[2 * i] = byte >> 4;
    nibbles[2 * i + 1] = byte & 15;
  }
  return nibbles;
}

/** Zeros too: they are the other half of UTF-16. */
function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0 || (byte >= 0x20 && byte < 0x7f));
}

function last4(digits: ArrayLike<number>, card: CardWindow): string {
  let text = '';
  for (let i = card.start + card.length - 4; i < card.start + card.length; i++) text += digits[i];
  return text;
}
