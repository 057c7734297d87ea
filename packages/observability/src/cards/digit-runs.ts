/** Characters as numbers: of a string, or of bytes read in some encoding. */
export interface Units {
  readonly length: number;
  at(index: number): number;
}

/** Digits that a reader would take as one number: groups with spaces, dots or dashes between; single digits with commas (`4,2,4,2`). */
export interface DigitRun {
  readonly digits: readonly number[];
  /** Per digit: offset of its first unit, and of the unit after it. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Index of the first digit of each group. */
  readonly groups: readonly number[];
  /** A plus stands before: a phone number in E.164 form. */
  readonly plus: boolean;
}

/** `4242 - 4242` is one number; more than this between two digits are two. */
const SEPARATORS_MAX = 3;

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const PLUS = 0x2b;
const COMMA = 0x2c;

/** First characters of the ten-digit blocks of Unicode that keyboards and forms produce. */
const ZEROS = [0x30, 0xff10, 0x0660, 0x06f0];

/** One digit or separator as it is written: plain, percent-escaped (`%34`) or JSON-escaped (`\\u0034`, `\\n`). */
interface Glyph {
  readonly code: number;
  readonly units: number;
}

export function* digitRuns(units: Units, digitsMin: number): Generator<DigitRun> {
  let at = 0;
  while (at < units.length) {
    if (!mayBegin(units.at(at)) || digitOf(glyphAt(units, at).code) < 0) {
      at++;
      continue;
    }
    const { run, next } = readRun(units, at);
    if (run.digits.length >= digitsMin) yield run;
    at = next;
  }
}

function readRun(units: Units, from: number): { readonly run: DigitRun; readonly next: number } {
  const digits: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const groups: number[] = [0];
  let at = from;
  for (;;) {
    const glyph = glyphAt(units, at);
    const digit = digitOf(glyph.code);
    if (digit >= 0) {
      digits.push(digit);
      starts.push(at);
      at += glyph.units;
      ends.push(at);
      continue;
    }
    const gap = gapAt(units, at);
    if (!gap) break;
    // `1234,5678` are two numbers, `4,2,4,2` is a list of digits.
    const alone =
      digits.length - (groups.at(-1) ?? 0) === 1 && !isDigitAt(units, at + gap.units + gap.nextUnits);
    if (gap.comma && !alone) break;
    groups.push(digits.length);
    at += gap.units;
  }
  const before = units.at(from - 1);
  return { run: { digits, starts, ends, groups, plus: before === PLUS }, next: at };
}

interface Gap {
  readonly units: number;
  readonly comma: boolean;
  /** Of the digit that follows. */
  readonly nextUnits: number;
}

/** Separators that are followed by a digit. */
function gapAt(units: Units, from: number): Gap | undefined {
  let at = from;
  let comma = false;
  for (let count = 0; count < SEPARATORS_MAX; count++) {
    const glyph = glyphAt(units, at);
    if (!isSeparator(glyph.code)) return undefined;
    comma ||= glyph.code === COMMA;
    at += glyph.units;
    const next = glyphAt(units, at);
    if (digitOf(next.code) >= 0) return { units: at - from, comma, nextUnits: next.units };
  }
  return undefined;
}

function isDigitAt(units: Units, at: number): boolean {
  return digitOf(glyphAt(units, at).code) >= 0;
}

function mayBegin(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || code === PERCENT || code === BACKSLASH || code >= 0x0660;
}

function glyphAt(units: Units, at: number): Glyph {
  const code = units.at(at);
  if (code === PERCENT) {
    const escaped = hexAt(units, at + 1, 2);
    if (escaped >= 0) return { code: escaped, units: 3 };
  }
  if (code === BACKSLASH) {
    const next = units.at(at + 1);
    if (next === LETTER_U) {
      const escaped = hexAt(units, at + 2, 4);
      if (escaped >= 0) return { code: escaped, units: 6 };
    }
    const control = { 110: 0x0a, 114: 0x0d, 116: 0x09 }[next];
    if (control !== undefined) return { code: control, units: 2 };
  }
  return { code, units: 1 };
}

function hexAt(units: Units, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const code = units.at(i);
    const lower = code | 0x20;
    if (code >= 0x30 && code <= 0x39) value = value * 16 + code - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) value = value * 16 + lower - 0x57;
    else return -1;
  }
  return value;
}

function digitOf(code: number): number {
  if (code < 0x30) return -1;
  for (const zero of ZEROS) if (code >= zero && code <= zero + 9) return code - zero;
  return -1;
}

function isSeparator(code: number): boolean {
  return (
    code === 0x20 || // space
    (code >= 0x09 && code <= 0x0d) || // tab, newlines
    code === 0x2d || // -
    code === 0x2e || // .
    code === 0x5f || // _
    code === PLUS || // a space in form encoding
    code === COMMA ||
    code === 0xa0 || // no-break space
    (code >= 0x2000 && code <= 0x2015) || // Unicode spaces and dashes
    code === 0x202f ||
    code === 0x2212 ||
    code === 0x3000
  );
}

export function unitsOfText(text: string): Units {
  return { length: text.length, at: (index) => text.charCodeAt(index) };
}
