import { xorUint32 } from './bytes.ts';
import type { Aes } from './srtp.ts';

export const BLOCK_BYTES = 16;

/**
 * Packets whose keystream is made in one call of the cipher: the call costs as much as the encryption of a whole packet, and
 * the next indexes of a stream are known. 160 ms of speech; more saves next to nothing and takes memory.
 */
const AHEAD_PACKETS = 8;
/** A packet of 20 ms G.711 has ten blocks and GCM needs one more. A longer one widens the slots. */
const SLOT_BLOCKS_MIN = 11;

/** Where the parts of a counter block stand. */
export interface CounterLayout {
  readonly ssrcAt: number;
  /** 48 bits of packet index. */
  readonly indexAt: number;
  /** The counter itself, big-endian, up to the end of the block. */
  readonly counterAt: number;
  readonly firstCounter: number;
}

/**
 * The keystream of a counter mode, packet by packet: E(counter block), E(counter block + 1), … One stream at a time is made
 * ahead; whatever else is asked for is made for itself.
 */
export class Keystream {
  readonly #aes: Aes;
  /** A block with all but SSRC, index and counter. */
  readonly #salt = new Uint8Array(BLOCK_BYTES);
  readonly #layout: CounterLayout;
  #counters: Uint8Array;
  #slotBlocks = SLOT_BLOCKS_MIN;
  #bytes: Uint8Array = new Uint8Array(0);
  #ssrc = -1;
  #firstIndex = 0;
  #packets = 0;
  #lastIndex = -1;
  #offset = 0;

  constructor(aes: Aes, salt: Uint8Array, layout: CounterLayout) {
    this.#aes = aes;
    this.#salt.set(salt);
    this.#layout = layout;
    this.#counters = new Uint8Array(AHEAD_PACKETS * SLOT_BLOCKS_MIN * BLOCK_BYTES);
  }

  /** The bytes after `prepare`; the packet's own begin at `offset`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }
  get offset(): number {
    return this.#offset;
  }

  /** Makes the first `blocks` blocks of a packet. */
  prepare(ssrc: number, index: number, blocks: number): void {
    const place = index - this.#firstIndex;
    const isMade = ssrc === this.#ssrc && place >= 0 && place < this.#packets && blocks <= this.#slotBlocks;
    if (!isMade) {
      // Made ahead only for a stream that goes on: stray packets, late or forged, cost no more than themselves.
      const goesOn = ssrc === this.#ssrc && index === this.#lastIndex + 1;
      this.#make(ssrc, index, blocks, goesOn ? AHEAD_PACKETS : 1);
    }
    this.#lastIndex = index;
    this.#offset = (index - this.#firstIndex) * this.#slotBlocks * BLOCK_BYTES;
  }

  /** `packet[from..end)` is encrypted or decrypted with what was prepared, past its first `skip` bytes. */
  apply(packet: Uint8Array, from: number, end: number, skip: number): void {
    const bytes = this.#bytes;
    let at = this.#offset + skip;
    for (let i = from; i < end; i++) packet[i] = (packet[i] ?? 0) ^ (bytes[at++] ?? 0);
  }

  wipe(): void {
    this.#aes.release();
    this.#bytes.fill(0);
    this.#counters.fill(0);
    this.#salt.fill(0);
    this.#packets = 0;
  }

  #make(ssrc: number, index: number, blocks: number, packets: number): void {
    if (blocks > this.#slotBlocks) {
      this.#slotBlocks = blocks;
      this.#counters = new Uint8Array(AHEAD_PACKETS * blocks * BLOCK_BYTES);
    }
    let at = 0;
    for (let packet = 0; packet < packets; packet++) at = this.#writeCounters(at, ssrc, index + packet);
    this.#bytes.fill(0);
    this.#bytes = this.#aes.encrypt(this.#counters, at);
    this.#ssrc = ssrc;
    this.#firstIndex = index;
    this.#packets = packets;
  }

  #writeCounters(start: number, ssrc: number, index: number): number {
    const counters = this.#counters;
    const { ssrcAt, indexAt, counterAt, firstCounter } = this.#layout;
    counters.set(this.#salt, start);
    xorUint32(counters, start + ssrcAt, ssrc);
    const high = Math.floor(index / 0x1_0000_0000);
    counters[start + indexAt] = (counters[start + indexAt] ?? 0) ^ (high >>> 8);
    counters[start + indexAt + 1] = (counters[start + indexAt + 1] ?? 0) ^ high;
    xorUint32(counters, start + indexAt + 2, index >>> 0);
    let at = start;
    for (let block = 0; block < this.#slotBlocks; block++) {
      if (block > 0) counters.copyWithin(at, start, start + counterAt);
      // Both counters stay below 2^16: a datagram has less than 2^12 blocks. Higher bytes of GCM's are zero already.
      const counter = firstCounter + block;
      counters[at + 14] = counter >>> 8;
      counters[at + 15] = counter;
      at += BLOCK_BYTES;
    }
    return at;
  }
}
