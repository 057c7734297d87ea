import { readUint32, writeUint32 } from './bytes.ts';
import { BLOCK_BYTES } from './keystream.ts';

/** NIST SP 800-38D §6.3: x^128 + x^7 + x^2 + x + 1, bits reflected, in the highest of four words. */
const REDUCTION = 0xe1000000;
const WORDS = 4;
const TABLE_ENTRIES = 256;

/** What falls out of the low byte of a product, brought back in at the top; the same for every key. */
const FOLDED = foldedBytes();

/**
 * The hash of GCM (NIST SP 800-38D §6.4) with a table of 256 multiples of its key: one look-up a byte. The platform's own GCM
 * wants a new cipher object for each packet, which costs more than the whole of this.
 */
export class Ghash {
  readonly #multiples = new Int32Array(TABLE_ENTRIES * WORDS);
  readonly #sum = new Int32Array(WORDS);
  /** The last bytes of a part, filled up with zeros. */
  readonly #rest = new Uint8Array(BLOCK_BYTES);

  /** `hashKey` is the encrypted zero block. */
  constructor(hashKey: Uint8Array) {
    const table = this.#multiples;
    // Reflected bits: the polynomial 1 is the highest bit of the first byte, and multiplying by x shifts right.
    for (let word = 0; word < WORDS; word++) table[128 * WORDS + word] = readUint32(hashKey, word * 4);
    for (let entry = 64; entry > 0; entry >>= 1) {
      const from = entry * 2 * WORDS;
      const to = entry * WORDS;
      const carry = (table[from + 3] ?? 0) & 1;
      for (let word = WORDS - 1; word > 0; word--)
        table[to + word] = ((table[from + word] ?? 0) >>> 1) | ((table[from + word - 1] ?? 0) << 31);
      table[to] = ((table[from] ?? 0) >>> 1) ^ (carry === 1 ? REDUCTION : 0);
    }
    for (let power = 2; power < TABLE_ENTRIES; power *= 2)
      for (let rest = 1; rest < power; rest++)
        for (let word = 0; word < WORDS; word++)
          table[(power + rest) * WORDS + word] =
            (table[power * WORDS + word] ?? 0) ^ (table[rest * WORDS + word] ?? 0);
  }

  reset(): void {
    this.#sum.fill(0);
  }

  /** Mixes in `bytes[from..end)`, filled up with zeros to whole blocks. */
  update(bytes: Uint8Array, from: number, end: number): void {
    let at = from;
    for (; end - at >= BLOCK_BYTES; at += BLOCK_BYTES) this.#mix(bytes, at);
    if (at === end) return;
    const rest = this.#rest;
    rest.fill(0);
    for (let i = 0; at < end; i++) rest[i] = bytes[at++] ?? 0;
    this.#mix(rest, 0);
  }

  /** The last block: both lengths in bits. */
  finish(authenticatedBytes: number, encryptedBytes: number): void {
    const rest = this.#rest;
    rest.fill(0);
    writeUint32(rest, 4, authenticatedBytes * 8);
    writeUint32(rest, 12, encryptedBytes * 8);
    this.#mix(rest, 0);
  }

  byte(index: number): number {
    return ((this.#sum[index >> 2] ?? 0) >>> (24 - (index & 3) * 8)) & 0xff;
  }

  wipe(): void {
    this.#multiples.fill(0);
    this.#sum.fill(0);
    this.#rest.fill(0);
  }

  /** (sum XOR block) times the key, by Horner's rule from the last byte: shift by eight bits, fold, add the next multiple. */
  #mix(bytes: Uint8Array, from: number): void {
    const table = this.#multiples;
    const sum = this.#sum;
    let z0 = 0;
    let z1 = 0;
    let z2 = 0;
    let z3 = 0;
    for (let word = WORDS - 1; word >= 0; word--) {
      const at = from + word * 4;
      const factor =
        (sum[word] ?? 0) ^
        (((bytes[at] ?? 0) << 24) |
          ((bytes[at + 1] ?? 0) << 16) |
          ((bytes[at + 2] ?? 0) << 8) |
          (bytes[at + 3] ?? 0));
      for (let shift = 0; shift < 32; shift += 8) {
        const fallen = z3 & 0xff;
        const entry = ((factor >>> shift) & 0xff) * WORDS;
        z3 = ((z3 >>> 8) | (z2 << 24)) ^ (table[entry + 3] ?? 0);
        z2 = ((z2 >>> 8) | (z1 << 24)) ^ (table[entry + 2] ?? 0);
        z1 = ((z1 >>> 8) | (z0 << 24)) ^ (table[entry + 1] ?? 0);
        z0 = (z0 >>> 8) ^ (FOLDED[fallen] ?? 0) ^ (table[entry] ?? 0);
      }
    }
    sum[0] = z0;
    sum[1] = z1;
    sum[2] = z2;
    sum[3] = z3;
  }
}

function foldedBytes(): Int32Array {
  const folded = new Int32Array(TABLE_ENTRIES);
  for (let byte = 0; byte < TABLE_ENTRIES; byte++) {
    let word = 0;
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) {
      // Eight steps of x: each bit that leaves at the bottom enters as the reduction, shifted by the steps that follow.
      if (rest & 1) word ^= REDUCTION >>> (7 - bit);
      rest >>= 1;
    }
    folded[byte] = word;
  }
  return folded;
}
