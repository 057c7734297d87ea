import { ok, refuse } from '@sordino/core';
import { PORT_MAX } from './parse-limits.ts';
import { isIn, makeCharSet, parseScalar, type SyntaxResult, skipSpace } from './scan.ts';

export interface HostPortScan {
  /** As written; an IPv6 address keeps its brackets (RFC 3261 §25.1 IPv6reference). */
  readonly host: string;
  readonly port: number | undefined;
  /** Index after the last character used. */
  readonly end: number;
}

// RFC 3261 allows no underscore in a hostname; container and Windows names have one and break nothing.
const HOSTNAME = makeCharSet('-._');
const IPV6 = makeCharSet(':.%');

/** `host [ ":" port ]` at `from`, where white space may stand around the colon of a Via (`COLON` of RFC 3261 §25.1). */
export function scanHostPort(
  text: string,
  from: number,
  spaces: 'allowed' | 'none',
): SyntaxResult<HostPortScan> {
  let end = from;
  if (text.charCodeAt(from) === 0x5b) {
    end = from + 1;
    while (end < text.length && isIn(IPV6, text.charCodeAt(end))) end++;
    if (text.charCodeAt(end) !== 0x5d || end === from + 1) return refuse('has a malformed IPv6 address');
    end++;
  } else {
    while (end < text.length && isIn(HOSTNAME, text.charCodeAt(end))) end++;
    if (end === from) return refuse('has no host');
  }
  const host = text.slice(from, end);
  const colon = spaces === 'allowed' ? skipSpace(text, end) : end;
  if (text.charCodeAt(colon) !== 0x3a) return ok({ host, port: undefined, end });
  const digits = spaces === 'allowed' ? skipSpace(text, colon + 1) : colon + 1;
  let digitsEnd = digits;
  while (text.charCodeAt(digitsEnd) >= 0x30 && text.charCodeAt(digitsEnd) <= 0x39) digitsEnd++;
  const port = parseScalar(text.slice(digits, digitsEnd), PORT_MAX);
  if (port === undefined || port === 0) return refuse('has a port that is not 1 to 65535');
  return ok({ host, port, end: digitsEnd });
}
