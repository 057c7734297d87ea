import type { SipHeaders, SipReason } from '@sordino/interception';
import { canonicalHeaderName } from '../ingress/header-names.ts';

/** Octets of one header value: more is a mistake, and peers cut or refuse it. */
const HEADER_VALUE_MAX = 4096;

/** Headers that the stack writes itself: a second one would contradict it (RFC 4475 §3.3.8). */
const OURS = new Set([
  'Authorization',
  'Proxy-Authorization',
  'Via',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Contact',
  'Max-Forwards',
  'Route',
  'Record-Route',
  'Content-Length',
  'Content-Type',
  'Content-Disposition',
  'Supported',
  'User-Agent',
  'Require',
  'Allow',
  'Session-Expires',
  'Min-SE',
  'Session-ID',
  'RSeq',
  'RAck',
]);

/** Adding this header to a request of ours would be refused. */
export const isWrittenByStack = (name: string): boolean => OURS.has(canonicalHeaderName(name));

const TOKEN = /^[-A-Za-z0-9.!%*_+`'~]+$/;
// Tab and printable only: CR, LF and NUL would end the line, and a bare LF does so for lenient peers.
const LINE = /^[\t\x20-\x7e\u0080-\u{10ffff}]*$/u;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The only way a header of ours gets onto the wire. Throws a TypeError that names the header, before anything is sent: a
 * bad header is a mistake of the caller, not of the peer.
 */
export function headerLines(headers: SipHeaders = []): string[] {
  return headers.map(([name, value]) => {
    if (!TOKEN.test(name))
      throw new TypeError(`SIP header name ${JSON.stringify(name)} is not a token (RFC 3261 §25.1)`);
    if (isWrittenByStack(name)) {
      throw new TypeError(`SIP header ${name} is written by the stack and cannot be added`);
    }
    if (!LINE.test(value) || LONE_SURROGATE.test(value)) {
      throw new TypeError(
        `Value of SIP header ${name} has a control character and would break out of its line`,
      );
    }
    if (value.length > HEADER_VALUE_MAX) {
      throw new TypeError(
        `Value of SIP header ${name} has ${value.length} characters, at most ${HEADER_VALUE_MAX}`,
      );
    }
    return `${name}: ${value}`;
  });
}

/** RFC 3326: `Q.850;cause=16;text="Normal call clearing"`. */
export function reasonValue(reason: SipReason): string {
  return `${reason.protocol};cause=${reason.cause};text="${reason.text.replace(/[^\x20-\x7e]|["\\]/g, '?')}"`;
}

/** `headers` with the Reason in front, checked. */
export function closingLines(reason: SipReason | undefined, headers: SipHeaders = []): string[] {
  return headerLines(reason === undefined ? headers : [['Reason', reasonValue(reason)], ...headers]);
}
