/**
 * Character classes and small scanners over one unfolded header value. All of them move forward only, so that a
 * value of n characters costs n steps.
 */
import { ok, type Result, refuse } from '@sordino/core';
import { PARAMETERS_MAX } from './parse-limits.ts';

/** A sentence without text of the peer: it goes into a Reason phrase and into our log. */
export type SyntaxResult<Value> = Result<Value, string>;

function charSet(characters: string): Uint8Array {
  const set = new Uint8Array(128);
  for (let i = 0; i < characters.length; i++) set[characters.charCodeAt(i)] = 1;
  return set;
}

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** RFC 3261 §25.1 `token`. */
const TOKEN = charSet(`${ALPHANUMERIC}-.!%*_+\`'~`);

/** `token / host` of a generic-param; `@` and `/` are seen in vendor parameters and break nothing. */
const PARAMETER_VALUE = charSet(`${ALPHANUMERIC}-.!%*_+\`'~[]:@/`);

export const isIn = (set: Uint8Array, code: number): boolean => code < 128 && set[code] === 1;
const isTokenCode = (code: number): boolean => isIn(TOKEN, code);
export const makeCharSet = (more: string): Uint8Array => charSet(ALPHANUMERIC + more);

export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isTokenCode(text.charCodeAt(i))) return false;
  return text.length > 0;
}

const SP = 0x20;
const HTAB = 0x09;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export const isSpace = (code: number): boolean => code === SP || code === HTAB;

export function skipSpace(text: string, at: number): number {
  let i = at;
  while (i < text.length && isSpace(text.charCodeAt(i))) i++;
  return i;
}

/** Only SP and HTAB: `String.trim` would also take a byte order mark and U+00A0 away. */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0);
  let end = text.length;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** End of the run of token characters at `at`. */
export function skipToken(text: string, at: number): number {
  let i = at;
  while (i < text.length && isTokenCode(text.charCodeAt(i))) i++;
  return i;
}

/** `at` is on the opening quote; returns the index after the closing one, or -1 where it is missing. */
export function skipQuoted(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BACKSLASH) i++;
    else if (code === QUOTE) return i + 1;
  }
  return -1;
}

/**
 * Control characters are legal only as `\x` in a quoted string (RFC 3261 §25.1 quoted-pair); bare CR and LF nowhere.
 * Returns false where one stands free.
 */
export function hasOnlyLegalControls(text: string): boolean {
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted && code === BACKSLASH) {
      const escaped = text.charCodeAt(i + 1);
      if (escaped === 0x0a || escaped === 0x0d) return false;
      i++;
    } else if ((code < SP && code !== HTAB) || code === 0x7f) return false;
  }
  return true;
}

/** Splits a comma list; commas in quotes and in `<…>` do not count. Elements are trimmed and may be empty. */
export function splitList(text: string, itemsMax: number): SyntaxResult<string[]> {
  const items: string[] = [];
  let start = 0;
  let angle = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE && !angle) {
      const end = skipQuoted(text, i);
      if (end < 0) return refuse('a quoted string is not closed');
      i = end - 1;
    } else if (code === 0x3c) angle = true;
    else if (code === 0x3e) angle = false;
    else if (code === 0x2c && !angle) {
      items.push(trimSpace(text.slice(start, i)));
      if (items.length >= itemsMax) return refuse('has too many elements');
      start = i + 1;
    }
  }
  items.push(trimSpace(text.slice(start)));
  return ok(items);
}

export type Parameters = ReadonlyMap<string, string | undefined>;

/** How far the parameters of a value could be read: `problem` is set where they stop making sense. */
export interface ParameterScan {
  readonly params: Parameters;
  /** Index after the last good parameter. */
  readonly end: number;
  readonly problem: string | undefined;
}

/** `*( SEMI token [ EQUAL ( token / host / quoted-string ) ] )` to the end of `text`. Quoted values keep their quotes. */
export function scanParameters(text: string, from: number): ParameterScan {
  const params = new Map<string, string | undefined>();
  let good = from;
  const stop = (problem: string | undefined): ParameterScan => ({ params, end: good, problem });
  for (let i = skipSpace(text, from); i < text.length; i = skipSpace(text, i)) {
    if (text.charCodeAt(i) !== 0x3b) return stop('has text after its value');
    const nameStart = skipSpace(text, i + 1);
    const nameEnd = skipToken(text, nameStart);
    if (nameEnd === nameStart) return stop('has an empty or malformed parameter');
    const name = text.slice(nameStart, nameEnd).toLowerCase();
    let value: string | undefined;
    i = nameEnd;
    const equals = skipSpace(text, nameEnd);
    if (text.charCodeAt(equals) === 0x3d) {
      const valueStart = skipSpace(text, equals + 1);
      const valueEnd = skipParameterValue(text, valueStart);
      if (valueEnd < 0) return stop('a quoted string is not closed');
      if (valueEnd === valueStart) return stop('has a parameter with a malformed value');
      value = text.slice(valueStart, valueEnd);
      i = valueEnd;
    }
    // RFC 3261 §7.3.1: no parameter name twice. Only these two decide whom a message belongs to.
    if (params.has(name)) {
      if (name === 'tag' || name === 'branch') return stop(`has more than one ${name} parameter`);
    } else params.set(name, value);
    if (params.size > PARAMETERS_MAX) return stop('has too many parameters');
    good = i;
  }
  return stop(undefined);
}

function skipParameterValue(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return skipQuoted(text, at);
  let i = at;
  while (i < text.length && isIn(PARAMETER_VALUE, text.charCodeAt(i))) i++;
  return i;
}

/** Decimal digits only, leading zeros allowed (platforms pad Content-Length). Undefined: not a number, or above `max`. */
export function parseScalar(text: string, max: number): number | undefined {
  if (text.length === 0 || text.length > 128) return undefined;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
    if (value > max) return undefined;
  }
  return value;
}
