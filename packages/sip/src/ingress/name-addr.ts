import { ok, refuse } from '@sordino/core';
import type { ParsedNameAddr } from './parse-result.ts';
import { isSpace, type SyntaxResult, scanParameters, skipQuoted, skipSpace, trimSpace } from './scan.ts';
import { parseUri } from './uri.ts';

/**
 * `( name-addr / addr-spec ) *( SEMI generic-param )` of From, To, Contact, Route and Record-Route (RFC 3261 §20.10).
 * Without angle brackets everything after the first semicolon is a header parameter, and `?` and `,` may not occur.
 */
export function parseNameAddr(text: string): SyntaxResult<ParsedNameAddr> {
  const start = skipSpace(text, 0);
  let displayName: string | undefined;
  let open = start;
  if (text.charCodeAt(start) === 0x22) {
    const end = skipQuoted(text, start);
    if (end < 0) return refuse('a quoted string is not closed');
    displayName = text.slice(start + 1, end - 1);
    open = skipSpace(text, end);
    if (text.charCodeAt(open) !== 0x3c) return refuse('has no < after its display name');
  } else {
    open = text.indexOf('<', start);
    if (open < 0) return parseAddrSpec(text, start);
    const name = trimSpace(text.slice(start, open));
    // The grammar wants tokens here. National letters without quotes are common and harmless; separators are not.
    if (/[":;,@<>\\]/.test(name)) return refuse('has a display name that needs quotes');
    if (name !== '') displayName = name;
  }
  const close = text.indexOf('>', open);
  if (close < 0) return refuse('has no > after its URI');
  const uri = parseUri(text.slice(open + 1, close), 'all');
  if (!uri.ok) return uri;
  const { params, problem } = scanParameters(text, close + 1);
  return problem === undefined ? ok({ displayName, uri: uri.value, params }) : refuse(problem);
}

function parseAddrSpec(text: string, start: number): SyntaxResult<ParsedNameAddr> {
  const semicolon = text.indexOf(';', start);
  let end = semicolon < 0 ? text.length : semicolon;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  const spec = text.slice(start, end);
  if (/[?,]/.test(spec)) return refuse('has a URI that needs angle brackets');
  const uri = parseUri(spec, 'all');
  if (!uri.ok) return uri;
  const { params, problem } = scanParameters(text, end);
  return problem === undefined ? ok({ displayName: undefined, uri: uri.value, params }) : refuse(problem);
}
