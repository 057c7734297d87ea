import { SEALED_PLAINTEXT_BYTES } from '@sordino/core';

/** Parses the key out of a SIP INFO body without making a string of it. */

const CODE_BY_ASCII = new Map<number, number>(
  [...'0123456789*#ABCD'].flatMap((key, code) => [
    [key.charCodeAt(0), code],
    [key.toLowerCase().charCodeAt(0), code],
  ]),
);
const EQUALS = '='.charCodeAt(0);
const SPACE = ' '.charCodeAt(0);
const TAB = '\t'.charCodeAt(0);

/** `Signal=5` bodies are a few dozen octets; anything longer is not a key press. */
const BODY_MAX_BYTES = 256;

/**
 * RFC 4733 event code of a key press carried by INFO: `application/dtmf-relay` (`Signal=5\r\nDuration=160`) or
 * `application/dtmf` (`5`). Undefined for anything else.
 */
export function infoKeyCode(contentType: string, body: Uint8Array): number | undefined {
  if (body.length > BODY_MAX_BYTES) return undefined;
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/dtmf') return firstKey(body, 0);
  if (type !== 'application/dtmf-relay') return undefined;
  const signal = [...'signal'].map((letter) => letter.charCodeAt(0));
  for (let at = 0; at + signal.length <= body.length; at += 1) {
    // Bit 0x20 folds ASCII letters to lower case.
    if (!signal.every((letter, offset) => ((body[at + offset] ?? 0) | 0x20) === letter)) continue;
    const equals = body.indexOf(EQUALS, at + signal.length);
    return equals < 0 ? undefined : firstKey(body, equals + 1);
  }
  return undefined;
}

/** The same in a buffer that can be wiped (rule 6): the callee seals and zeroes it. The body is wiped here. */
export function takeInfoKey(contentType: string, body: Uint8Array): Uint8Array | undefined {
  const code = infoKeyCode(contentType, body);
  body.fill(0);
  if (code === undefined) return undefined;
  const key = new Uint8Array(SEALED_PLAINTEXT_BYTES);
  key[0] = code;
  return key;
}

function firstKey(body: Uint8Array, from: number): number | undefined {
  let at = from;
  while (body[at] === SPACE || body[at] === TAB) at += 1;
  return CODE_BY_ASCII.get(body[at] ?? -1);
}
