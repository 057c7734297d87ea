import { canonicalHeaderName } from './header-names.ts';
import type { ParsedHeader, ParseLimits } from './parse-result.ts';
import { hasOnlyLegalControls, isSpace, isToken, trimSpace } from './scan.ts';

export interface HeaderLines {
  /** One per line; lists are still whole. Lines that cannot be read are left out. */
  readonly headers: readonly ParsedHeader[];
  /** The first thing that was wrong. */
  readonly problem: string | undefined;
  readonly tooMany: boolean;
}

/** Names, unfolds (RFC 3261 §7.3.1: a line that starts with white space goes on) and trims the header lines. */
export function readHeaderLines(lines: readonly string[], limits: ParseLimits): HeaderLines {
  const headers: ParsedHeader[] = [];
  let problem: string | undefined;
  let tooMany = false;
  for (let i = 0; i < lines.length; ) {
    if (headers.length >= limits.headers) {
      tooMany = true;
      break;
    }
    let line = lines[i] ?? '';
    i++;
    if (i < lines.length && isSpace((lines[i] ?? '').charCodeAt(0))) {
      const parts = [line];
      for (; i < lines.length && isSpace((lines[i] ?? '').charCodeAt(0)); i++)
        parts.push(trimSpace(lines[i] ?? ''));
      line = parts.join(' ');
    }
    const colon = line.indexOf(':');
    // Spaces before the colon are legal (HCOLON), before the name they are not: that line continues nothing.
    const name = colon < 0 || isSpace(line.charCodeAt(0)) ? '' : trimSpace(line.slice(0, colon));
    if (!isToken(name)) {
      problem ??= colon < 0 ? 'A header line has no colon' : 'A header has a malformed name';
      continue;
    }
    const known = canonicalHeaderName(name);
    const value = trimSpace(line.slice(colon + 1));
    // A Call-ID may hold a lone quote (RFC 3261 §25.1 `word`), so quotes excuse nothing there.
    if (known === 'Call-ID' ? /[^\x21-\x7e]/.test(value) : !hasOnlyLegalControls(value)) {
      problem ??= `${known} has a character that is not allowed`;
      continue;
    }
    headers.push({ name: known, value });
  }
  return { headers, problem, tooMany };
}
