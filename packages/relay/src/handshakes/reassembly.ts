import type { HandshakeFragment, HandshakeMessage } from './records.ts';

/** One message in pieces that may overlap, repeat and come in any order. */
export class PartialMessage {
  readonly type: number;
  readonly messageSeq: number;
  readonly #body: Buffer;
  readonly #have: Uint8Array;
  #missing: number;

  constructor({ type, messageSeq, length }: HandshakeFragment) {
    this.type = type;
    this.messageSeq = messageSeq;
    this.#body = Buffer.alloc(length);
    this.#have = new Uint8Array(length);
    this.#missing = length;
  }

  /** A piece of this message; the first bytes that came for a place stay. */
  add(fragment: HandshakeFragment): void {
    if (!this.fits(fragment)) return;
    for (const [index, byte] of fragment.body.entries()) {
      const at = fragment.offset + index;
      if (this.#have[at] === 1) continue;
      this.#have[at] = 1;
      this.#body[at] = byte;
      this.#missing -= 1;
    }
  }

  fits({ type, messageSeq, length }: HandshakeFragment): boolean {
    return type === this.type && messageSeq === this.messageSeq && length === this.#body.length;
  }

  get message(): HandshakeMessage | undefined {
    if (this.#missing > 0) return undefined;
    return { type: this.type, messageSeq: this.messageSeq, body: this.#body };
  }
}

/** A client's flight has four messages (RFC 6347 §4.2.4, flight 5); what is further ahead is not of this handshake. */
const AHEAD_MAX = 4;

/** Handshake messages in the order of their numbers, each once, however their pieces arrived. */
export class Reassembly {
  readonly #partial = new Map<number, PartialMessage>();
  #next: number;

  constructor(firstMessageSeq: number) {
    this.#next = firstMessageSeq;
  }

  add(fragment: HandshakeFragment): HandshakeMessage[] {
    const { messageSeq } = fragment;
    if (messageSeq < this.#next || messageSeq >= this.#next + AHEAD_MAX) return [];
    const known = this.#partial.get(messageSeq);
    const partial = known ?? new PartialMessage(fragment);
    if (known === undefined) this.#partial.set(messageSeq, partial);
    partial.add(fragment);

    const whole: HandshakeMessage[] = [];
    for (;;) {
      const message = this.#partial.get(this.#next)?.message;
      if (message === undefined) return whole;
      whole.push(message);
      this.#partial.delete(this.#next);
      this.#next += 1;
    }
  }
}
