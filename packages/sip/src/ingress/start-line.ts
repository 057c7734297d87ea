import type { ParsedUri } from './parse-result.ts';
import { isToken } from './scan.ts';
import { isSipScheme, parseUri, schemeOf } from './uri.ts';

export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly requestUri: ParsedUri }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string }
  /** A request for all we can see, and wrong. `method` is what stands before the first space, if it is a token. */
  | {
      readonly kind: 'bad_request';
      readonly method: string | undefined;
      readonly status: number;
      readonly problem: string;
    }
  | { readonly kind: 'noise'; readonly problem: string };

const STATUS_LINE = /^SIP\/2\.0 ([1-6][0-9]{2}) ((?:\t|\P{Cc})*)$/iu;
const ENDS_WITH_VERSION = /[ \t](SIP\/[0-9]+\.[0-9]+)[ \t]*$/i;

/** RFC 3261 §7.1 and §7.2: exactly one space between the parts of a request line, none at its end. */
export function parseStartLine(line: string): StartLine {
  if (/^SIP\//i.test(line)) {
    const match = STATUS_LINE.exec(line);
    if (match === null)
      return { kind: 'noise', problem: 'the status line is malformed or its code is not 100 to 699' };
    return { kind: 'response', status: Number(match[1]), reason: match[2] ?? '' };
  }
  const ending = ENDS_WITH_VERSION.exec(line);
  if (ending === null) return { kind: 'noise', problem: 'the first line is not SIP' };

  const words = line.split(' ');
  const method = isToken(words[0] ?? '') ? words[0] : undefined;
  const bad = (status: number, problem: string): StartLine => ({
    kind: 'bad_request',
    method,
    status,
    problem,
  });
  if (ending[1]?.toUpperCase() !== 'SIP/2.0')
    return bad(505, 'Version Not Supported: this server speaks SIP/2.0');
  if (method === undefined) return bad(400, 'Method is not a token');
  const uriText = words[1];
  if (words.length !== 3 || uriText === undefined || uriText === '' || /\t/.test(line)) {
    return bad(400, 'Request line has white space in or around its Request-URI');
  }
  const scheme = schemeOf(uriText);
  if (scheme === undefined) return bad(400, 'Request-URI has no URI scheme');
  if (!isSipScheme(scheme)) return bad(416, 'Unsupported URI Scheme: Request-URI is neither sip nor sips');
  const uri = parseUri(uriText, 'request');
  return uri.ok ? { kind: 'request', method, requestUri: uri.value } : bad(400, `Request-URI ${uri.problem}`);
}
