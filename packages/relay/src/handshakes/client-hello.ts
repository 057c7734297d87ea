import { createHmac, timingSafeEqual } from 'node:crypto';
import { DTLS_1_2, type HandshakeMessage } from './records.ts';

const HELLO = 1;
const HELLO_VERIFY_REQUEST = 3;
const RANDOM_BYTES = 32;
const VERSION_BYTES = 2;

/** RFC 6347 §4.2.1 allows 255 and recommends an HMAC; this many of SHA-256 are beyond guessing. */
const COOKIE_BYTES = 20;

export interface ClientHello {
  readonly message: HandshakeMessage;
  readonly cookie: Buffer;
  /** Everything before and behind the cookie field (with its length octet). */
  readonly beforeCookie: Buffer;
  readonly afterCookie: Buffer;
  /** Version, random, session, cipher suites, compression: the same in both hellos (RFC 6347 §4.2.1). */
  readonly parameters: Buffer;
}

/** Undefined: no ClientHello of a client that speaks DTLS 1.2. */
export function readClientHello(message: HandshakeMessage): ClientHello | undefined {
  const { type, body } = message;
  if (type !== HELLO || body.length < VERSION_BYTES || body.readUInt16BE(0) !== DTLS_1_2) return undefined;
  /** Skips a vector whose length stands in `lengthBytes`; beyond the end: undefined. */
  const after = (at: number | undefined, lengthBytes: 1 | 2): number | undefined => {
    if (at === undefined || at + lengthBytes > body.length) return undefined;
    const end = at + lengthBytes + body.readUIntBE(at, lengthBytes);
    return end > body.length ? undefined : end;
  };
  const cookieAt = after(VERSION_BYTES + RANDOM_BYTES, 1);
  const cookieEnd = after(cookieAt, 1);
  const suitesEnd = after(cookieEnd, 2);
  const compressionEnd = after(suitesEnd, 1);
  const end = compressionEnd === body.length ? compressionEnd : after(compressionEnd, 2);
  if (cookieAt === undefined || cookieEnd === undefined || compressionEnd === undefined) return undefined;
  if (end !== body.length) return undefined;
  return {
    message,
    cookie: body.subarray(cookieAt + 1, cookieEnd),
    beforeCookie: body.subarray(0, cookieAt),
    afterCookie: body.subarray(cookieEnd),
    parameters: Buffer.concat([body.subarray(0, cookieAt), body.subarray(cookieEnd, compressionEnd)]),
  };
}

/** RFC 6347 §4.2.1: a cookie that proves itself, so that a hello from a forged address leaves nothing behind. */
export function cookieFor(hello: ClientHello, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(hello.parameters).digest().subarray(0, COOKIE_BYTES);
}

export function hasCookie(hello: ClientHello, secret: Uint8Array): boolean {
  const { cookie } = hello;
  return cookie.length === COOKIE_BYTES && timingSafeEqual(cookie, cookieFor(hello, secret));
}

/** The request for a second hello. Its number is 0, that of the answer is 1 (RFC 6347 §4.2.2). */
export function helloVerifyRequest(cookie: Buffer): HandshakeMessage {
  const version = Buffer.alloc(VERSION_BYTES);
  version.writeUInt16BE(DTLS_1_2);
  return {
    type: HELLO_VERIFY_REQUEST,
    messageSeq: 0,
    body: Buffer.concat([version, Buffer.from([cookie.length]), cookie]),
  };
}

/** The second hello as the first one was: without its cookie. */
export function withoutCookie(hello: ClientHello): HandshakeMessage {
  return {
    type: HELLO,
    messageSeq: 0,
    body: Buffer.concat([hello.beforeCookie, Buffer.from([0]), hello.afterCookie]),
  };
}
