import { writeUint32 } from './bytes.ts';

const BLOCK_BYTES = 64;
const DIGEST_WORDS = 5;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** FIPS 180-4 §5.3.1. */
const INITIAL = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;

/**
 * HMAC-SHA1 (RFC 2104) of a packet and the four bytes after it that SRTP authenticates but does not send (RFC 3711 §4.2). The
 * states after the two padded keys are computed once, so that a packet costs its own blocks and one more, and no allocation:
 * an HMAC object of the platform costs three times as much.
 */
export class HmacSha1 {
  readonly #inner = new Int32Array(DIGEST_WORDS);
  readonly #outer = new Int32Array(DIGEST_WORDS);
  readonly #state = new Int32Array(DIGEST_WORDS);
  readonly #schedule = new Int32Array(80);
  /** The last bytes of a message with its padding: at most two blocks. */
  readonly #tail = new Uint8Array(2 * BLOCK_BYTES);

  constructor(key: Uint8Array) {
    // SRTP's keys have 20 bytes; a longer one than a block would have to be hashed first.
    if (key.length > BLOCK_BYTES)
      throw new RangeError(`an HMAC key has at most ${BLOCK_BYTES} bytes, not ${key.length}`);
    this.#absorbKey(this.#inner, key, INNER_PAD);
    this.#absorbKey(this.#outer, key, OUTER_PAD);
  }

  /** Authenticates `bytes[0..length)` and then `suffix` as 32 bits; `undefined`: nothing after it. Read it with `tagByte`. */
  compute(bytes: Uint8Array, length: number, suffix: number | undefined): void {
    const state = this.#state;
    state.set(this.#inner);
    let at = 0;
    for (; length - at >= BLOCK_BYTES; at += BLOCK_BYTES) this.#block(state, bytes, at);
    const tail = this.#tail;
    let end = 0;
    for (; at < length; at++) tail[end++] = bytes[at] ?? 0;
    if (suffix !== undefined) {
      writeUint32(tail, end, suffix);
      end += 4;
    }
    this.#finish(end, BLOCK_BYTES + length + (suffix === undefined ? 0 : 4));

    for (let word = 0; word < DIGEST_WORDS; word++) writeUint32(tail, word * 4, state[word] ?? 0);
    state.set(this.#outer);
    this.#finish(DIGEST_WORDS * 4, BLOCK_BYTES + DIGEST_WORDS * 4);
  }

  /** Byte `index` of the last result. */
  tagByte(index: number): number {
    return ((this.#state[index >> 2] ?? 0) >>> (24 - (index & 3) * 8)) & 0xff;
  }

  wipe(): void {
    for (const words of [this.#inner, this.#outer, this.#state, this.#schedule]) words.fill(0);
    this.#tail.fill(0);
  }

  #absorbKey(state: Int32Array, key: Uint8Array, pad: number): void {
    const tail = this.#tail;
    for (let at = 0; at < BLOCK_BYTES; at++) tail[at] = (key[at] ?? 0) ^ pad;
    state.set(INITIAL);
    this.#block(state, tail, 0);
    tail.fill(0);
  }

  /** FIPS 180-4 §5.1.1: a one bit, zeros, the length in bits. */
  #finish(tailBytes: number, messageBytes: number): void {
    const tail = this.#tail;
    const end = tailBytes + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    tail[tailBytes] = 0x80;
    tail.fill(0, tailBytes + 1, end - 4);
    writeUint32(tail, end - 4, messageBytes * 8);
    for (let at = 0; at < end; at += BLOCK_BYTES) this.#block(this.#state, tail, at);
  }

  /** FIPS 180-4 §6.1.2. Written out, with locals for words: half the time of one loop, and the hottest of SRTP. */
  #block(state: Int32Array, bytes: Uint8Array, from: number): void {
    const schedule = this.#schedule;
    for (let t = 0; t < 16; t++) {
      const at = from + t * 4;
      schedule[t] =
        ((bytes[at] ?? 0) << 24) |
        ((bytes[at + 1] ?? 0) << 16) |
        ((bytes[at + 2] ?? 0) << 8) |
        (bytes[at + 3] ?? 0);
    }
    for (let t = 16; t < 80; t++) {
      const mixed =
        (schedule[t - 3] ?? 0) ^ (schedule[t - 8] ?? 0) ^ (schedule[t - 14] ?? 0) ^ (schedule[t - 16] ?? 0);
      schedule[t] = (mixed << 1) | (mixed >>> 31);
    }
    let a = state[0] ?? 0;
    let b = state[1] ?? 0;
    let c = state[2] ?? 0;
    let d = state[3] ?? 0;
    let e = state[4] ?? 0;
    let t = 0;
    for (; t < 20; t++) {
      const next = (rotated5(a) + (d ^ (b & (c ^ d))) + 0x5a827999 + e + (schedule[t] ?? 0)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (; t < 40; t++) {
      const next = (rotated5(a) + (b ^ c ^ d) + 0x6ed9eba1 + e + (schedule[t] ?? 0)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (; t < 60; t++) {
      const next = (rotated5(a) + ((b & c) | (d & (b | c))) + 0x8f1bbcdc + e + (schedule[t] ?? 0)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    for (; t < 80; t++) {
      const next = (rotated5(a) + (b ^ c ^ d) + 0xca62c1d6 + e + (schedule[t] ?? 0)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    state[0] = ((state[0] ?? 0) + a) | 0;
    state[1] = ((state[1] ?? 0) + b) | 0;
    state[2] = ((state[2] ?? 0) + c) | 0;
    state[3] = ((state[3] ?? 0) + d) | 0;
    state[4] = ((state[4] ?? 0) + e) | 0;
  }
}

const rotated5 = (word: number): number => (word << 5) | (word >>> 27);
