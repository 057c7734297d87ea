import { CSEQ_MAX, DELTA_SECONDS_MAX, MAX_FORWARDS_MAX } from './parse-limits.ts';
import { isToken, parseScalar, skipSpace, trimSpace } from './scan.ts';

/** `1*DIGIT LWS Method`, RFC 3261 §20.16. */
export function parseCSeq(text: string): { number: number; method: string } | undefined {
  const end = text.search(/[^0-9]/);
  if (end < 1) return undefined;
  const number = parseScalar(text.slice(0, end), CSEQ_MAX);
  const methodStart = skipSpace(text, end);
  const method = trimSpace(text.slice(methodStart));
  return number === undefined || methodStart === end || !isToken(method) ? undefined : { number, method };
}

/** RFC 4475 §3.1.2.4: a number that overflows somebody's integer is refused, never wrapped. */
export function scalarProblem(name: string, value: string): string | undefined {
  switch (name) {
    case 'Max-Forwards':
      return parseScalar(value, MAX_FORWARDS_MAX) === undefined ? 'Max-Forwards is not 0 to 255' : undefined;
    case 'Expires':
    case 'Min-Expires':
    case 'Min-SE':
    case 'Retry-After':
    case 'Session-Expires':
      return isTooLong(/^[0-9]+/.exec(value)?.[0]) ? `${name} is above 2**32 - 1` : undefined;
    default:
      return undefined;
  }
}

/** Delta-seconds above their limit. What is no number at all has its default (RFC 3261 §20.10, §20.19). */
export const isTooLong = (seconds: string | undefined): boolean =>
  seconds !== undefined && /^[0-9]+$/.test(seconds) && parseScalar(seconds, DELTA_SECONDS_MAX) === undefined;
