import { randomBytes } from 'node:crypto';
import { cookieFor, hasCookie, helloVerifyRequest, readClientHello } from './client-hello.ts';
import { PartialMessage } from './reassembly.ts';
import {
  DTLS_CONTENT,
  type DtlsRecord,
  type HandshakeFragment,
  readFragments,
  readRecords,
  writeHandshakeRecord,
} from './records.ts';
import { type HandshakeParts, ServerHandshake } from './server-handshake.ts';

/** Each costs some ms of this thread. A peer needs one; more come from somebody who spoils them. */
const HANDSHAKES_MAX = 8;

/** RFC 6347 §4.2.2: the first hello and the one with our cookie. */
const HELLOS = 2;

const COOKIE_SECRET_BYTES = 32;

/**
 * The DTLS of one peer, over its life: hellos, at most one handshake at a time, and, once that has succeeded, nothing but its
 * last flight again. A client that was refused may begin anew, so that a forger who was first does not lock the real one out.
 */
export class DtlsPeer {
  readonly #parts: HandshakeParts;
  readonly #cookieSecret = randomBytes(COOKIE_SECRET_BYTES);
  readonly #hellos = new Map<number, PartialMessage>();
  #handshake: ServerHandshake | undefined;
  #handshakes = 0;

  constructor(parts: HandshakeParts) {
    this.#parts = parts;
  }

  /** A datagram from the peer's address. Never throws. */
  receive(datagram: Buffer): void {
    if (this.#handshake !== undefined && this.#handshake.state !== 'refused') {
      this.#handshake.receive(datagram);
      return;
    }
    for (const record of readRecords(datagram)) {
      if (record.contentType !== DTLS_CONTENT.handshake || record.epoch !== 0) continue;
      for (const fragment of readFragments(record.fragment)) this.#hello(fragment, record);
    }
  }

  wipe(): void {
    this.#handshake?.wipe();
    this.#handshakes = HANDSHAKES_MAX;
  }

  #hello(fragment: HandshakeFragment, record: DtlsRecord): void {
    const { messageSeq } = fragment;
    if (messageSeq >= HELLOS || this.#handshakes >= HANDSHAKES_MAX) return;
    let partial = this.#hellos.get(messageSeq);
    // Another one than the one that we were waiting for: a client that began anew.
    if (partial === undefined || !partial.fits(fragment)) {
      partial = new PartialMessage(fragment);
      this.#hellos.set(messageSeq, partial);
    }
    partial.add(fragment);
    if (partial.message === undefined) return;
    this.#hellos.delete(messageSeq);
    const hello = readClientHello(partial.message);
    if (hello === undefined) return;
    if (hasCookie(hello, this.#cookieSecret)) this.#begin(hello, record.sequence);
    // RFC 6347 §4.2.1: in a record with the number of the hello's.
    else if (messageSeq === 0)
      this.#parts.send(
        writeHandshakeRecord(helloVerifyRequest(cookieFor(hello, this.#cookieSecret)), record.sequence),
      );
  }

  #begin(hello: Parameters<ServerHandshake['start']>[0], recordSequence: number): void {
    if (this.#handshake !== undefined && this.#handshake.state !== 'refused') return;
    this.#handshakes += 1;
    this.#handshake = new ServerHandshake(this.#parts);
    this.#handshake.start(hello, recordSequence);
  }
}
