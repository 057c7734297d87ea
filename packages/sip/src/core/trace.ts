import type { Flow } from '../router/transport.ts';

/** One message as it crossed the socket, for ladders and capture servers. */
export interface SipTraceEntry {
  /** Unix ms. */
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly flow: Flow;
  /** The message; the body of an INFO is withheld, since it can hold a key press, and so are the keys of SRTP. */
  readonly text: string;
}

const utf8 = new TextDecoder();
const CR = 0x0d;
const LF = 0x0a;

/** RFC 4568 §9.1: from the first key to the end of the line, which may hold more of them. */
const SDES_KEYS = /^([ \t]*a=crypto:[^\r\n]*?inline:)[^\r\n]*/gim;
const withoutKeys = (text: string): string => text.replace(SDES_KEYS, '$1[withheld]');

/**
 * INFO and DTMF bodies never reach a trace, not even as a string on the way. Decided on the head of the octets, not on a
 * parsed message: what our parser refuses is traced as well. What does not start with a letter is no SIP, and only its
 * length is told.
 */
export function traceText(message: string | Uint8Array): string {
  // Our own messages: we send no INFO, and an answer to one has no body.
  if (typeof message === 'string') return withoutKeys(message);
  const bodyAt = endOfHead(message);
  const head = utf8.decode(message.subarray(0, bodyAt));
  if (!/^(?:\r\n)*[A-Za-z]/.test(head)) return `[${message.length} octets that are not SIP]`;
  if (!mayHoldKeys(head)) return withoutKeys(utf8.decode(message));
  return bodyAt === message.length ? head : `${head}[${message.length - bodyAt} octets withheld]`;
}

const mayHoldKeys = (head: string): boolean =>
  /^\s*INFO\b/i.test(head) ||
  /\n\s*CSeq\s*:[^\r\n]*INFO/i.test(head) ||
  /\n\s*(?:Content-Type|c)\s*:[^\r\n]*dtmf/i.test(head);

/** Index of the first octet of the body. */
function endOfHead(octets: Uint8Array): number {
  for (let i = 0; i + 3 < octets.length; i++) {
    if (octets[i] === CR && octets[i + 1] === LF && octets[i + 2] === CR && octets[i + 3] === LF)
      return i + 4;
  }
  return octets.length;
}
