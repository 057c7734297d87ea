import { ok, refuse } from '@sordino/core';
import { scanHostPort } from './host-port.ts';
import { PARAMETERS_MAX } from './parse-limits.ts';
import type { ParsedUri } from './parse-result.ts';
import { isIn, makeCharSet, type SyntaxResult } from './scan.ts';

const SCHEME = makeCharSet('+-.');
// RFC 3261 §25.1: unreserved, user-unreserved and the colon before a password.
const USERINFO = makeCharSet("-_.!~*'()&=+$,;?/:%");
const PARAMETER = makeCharSet("-_.!~*'()[]/:&+$%");
// hnv-unreserved and the separators of `?name=value&name=value`.
const HEADERS = makeCharSet("-_.!~*'()[]/?:+$%=&");
// RFC 3986 characters of any other URI, kept as they are.
const OPAQUE = makeCharSet("-_.!~*'()[]/?:+$%=&;@,#");

/** `all`: header part allowed (Contact, Refer-To). `request`: RFC 3261 §19.1.1 forbids headers in a Request-URI. */
export type UriPlace = 'all' | 'request';

export const isSipScheme = (scheme: string): boolean => scheme === 'sip' || scheme === 'sips';

/** Scheme in lower case, or undefined where the text does not start with one. */
export function schemeOf(text: string): string | undefined {
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  const scheme = text.slice(0, colon).toLowerCase();
  return /^[a-z]/.test(scheme) && allIn(SCHEME, scheme) ? scheme : undefined;
}

/**
 * RFC 3261 §19.1. Percent-escapes are checked for their two digits and never decoded: a decoded user is decoded a second
 * time when sip.js prints it. A URI of another scheme is kept as text (`host` empty); of `tel:` the number is `rawUser`.
 */
export function parseUri(text: string, place: UriPlace): SyntaxResult<ParsedUri> {
  const scheme = schemeOf(text);
  if (scheme === undefined) return refuse('has no URI scheme');
  if (!isSipScheme(scheme)) return parseOpaque(text, scheme);
  const start = scheme.length + 1;
  const at = text.indexOf('@', start);
  if (at >= 0 && text.indexOf('@', at + 1) >= 0) return refuse('has more than one @ in its URI');
  const rawUser = at < 0 ? undefined : text.slice(start, at);
  if (rawUser !== undefined && (rawUser === '' || !allIn(USERINFO, rawUser) || !goodEscapes(rawUser))) {
    return refuse('has a malformed user part in its URI');
  }
  const hostPort = scanHostPort(text, at < 0 ? start : at + 1, 'none');
  if (!hostPort.ok) return hostPort;
  const { host, port, end } = hostPort.value;

  const question = text.indexOf('?', end);
  const params = parseUriParameters(text.slice(end, question < 0 ? text.length : question));
  if (!params.ok) return params;
  if (question >= 0) {
    if (place === 'request') return refuse('has headers in its URI');
    const headers = text.slice(question + 1);
    if (!allIn(HEADERS, headers) || !goodEscapes(headers)) return refuse('has malformed headers in its URI');
  }
  // RFC 3261 §19.1.1: a password after the colon belongs to the user information, not to the user.
  const colon = rawUser === undefined ? -1 : rawUser.indexOf(':');
  const user = colon < 0 ? rawUser : rawUser?.slice(0, colon);
  return ok({ scheme, rawUser: user, host, port, params: params.value, text });
}

function parseUriParameters(text: string): SyntaxResult<ReadonlyMap<string, string | undefined>> {
  const params = new Map<string, string | undefined>();
  if (text === '') return ok(params);
  if (text.charCodeAt(0) !== 0x3b) return refuse('has text after the host of its URI');
  const parts = text.slice(1).split(';');
  if (parts.length > PARAMETERS_MAX) return refuse('has too many URI parameters');
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? undefined : part.slice(equals + 1);
    const good = name !== '' && value !== '' && allIn(PARAMETER, name) && allIn(PARAMETER, value ?? '');
    if (!good || !goodEscapes(part)) return refuse('has a malformed URI parameter');
    const key = name.toLowerCase();
    if (!params.has(key)) params.set(key, value);
  }
  return ok(params);
}

function parseOpaque(text: string, scheme: string): SyntaxResult<ParsedUri> {
  const rest = text.slice(scheme.length + 1);
  if (rest === '' || !allIn(OPAQUE, rest)) return refuse('has a malformed URI');
  const number = scheme === 'tel' ? rest.split(';', 1)[0] : undefined;
  return ok({ scheme, rawUser: number, host: '', port: undefined, params: new Map(), text });
}

function allIn(set: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isIn(set, text.charCodeAt(i))) return false;
  return true;
}

const goodEscapes = (text: string): boolean => !/%(?![0-9A-Fa-f]{2})/.test(text);
