import type { Flow } from '../router/transport.ts';

/** One message as it crossed the socket, for ladders and capture servers. */
export interface SipTraceEntry {
  /** Unix ms. */
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly flow: Flow;
  /** The message; the body of an INFO is withheld, since it can hold a key press. */
  readonly text: string;
}

const utf8 = new TextDecoder();

/**
 * INFO and DTMF bodies never reach a trace. Decided on the octets, not on a parsed message: what our parser refuses is
 * traced as well. A message that starts with anything but a letter is no SIP, and only its length is told.
 */
export function traceText(message: string | Uint8Array): string {
  const text = typeof message === 'string' ? message : utf8.decode(message);
  if (!/^(?:\r\n)*[A-Za-z]/.test(text)) return `[${message.length} octets that are not SIP]`;
  const bodyAt = text.indexOf('\r\n\r\n');
  const head = bodyAt < 0 ? text : text.slice(0, bodyAt);
  const secret = /^\s*INFO\b/i.test(head) || /\n\s*CSeq\s*:[^\r\n]*INFO/i.test(head) || /dtmf/i.test(head);
  if (!secret) return text;
  const withheld = text.length - head.length;
  return withheld <= 4 ? head : `${head}\r\n\r\n[${withheld - 4} octets withheld]`;
}
