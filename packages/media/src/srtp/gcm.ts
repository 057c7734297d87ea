import { readUint32, writeUint32 } from './bytes.ts';
import { Ghash } from './ghash.ts';
import { BLOCK_BYTES, type CounterLayout, Keystream } from './keystream.ts';
import {
  RTCP_CLEAR_BYTES,
  RTCP_ENCRYPTED,
  RTCP_INDEX_BYTES,
  type RtcpProtection,
  type RtpProtection,
} from './protection.ts';
import type { SessionKeys } from './session-keys.ts';
import type { CreateAes } from './srtp.ts';

/**
 * RFC 7714 §8.1, §9.1: 16 zero bits, SSRC and 48 bits of index, mixed into the salt. Counter 1 masks the tag and the packet
 * begins at 2 (NIST SP 800-38D §7.1). SRTCP's index of 31 bits stands in the same place, its upper bits zero.
 */
const LAYOUT: CounterLayout = { ssrcAt: 2, indexAt: 6, counterAt: 12, firstCounter: 1 };
const TAG_BYTES = 16;

/** AES-GCM out of the block cipher and our own GHASH: `ghash.ts` says why. */
class Gcm {
  readonly #keystream: Keystream;
  readonly #hash: Ghash;

  constructor(keys: SessionKeys, createAes: CreateAes) {
    const aes = createAes(keys.cipherKey);
    const hashKey = aes.encrypt(new Uint8Array(BLOCK_BYTES), BLOCK_BYTES);
    this.#hash = new Ghash(hashKey);
    hashKey.fill(0);
    this.#keystream = new Keystream(aes, keys.salt, LAYOUT);
  }

  /** What a packet needs: the block that masks its tag, and its own. */
  prepare(ssrc: number, index: number, bodyBytes: number): void {
    this.#keystream.prepare(ssrc, index, 1 + Math.ceil(bodyBytes / BLOCK_BYTES));
  }

  crypt(packet: Uint8Array, from: number, end: number): void {
    this.#keystream.apply(packet, from, end, BLOCK_BYTES);
  }

  /** Over the clear part `packet[0..bodyFrom)`, after it `suffix`, and the encrypted body. */
  authenticate(packet: Uint8Array, bodyFrom: number, end: number, suffix: Uint8Array | undefined): void {
    const hash = this.#hash;
    hash.reset();
    if (suffix === undefined) hash.update(packet, 0, bodyFrom);
    else hash.update(suffix, 0, suffix.length);
    hash.update(packet, bodyFrom, end);
    hash.finish(suffix?.length ?? bodyFrom, end - bodyFrom);
  }

  writeTag(packet: Uint8Array, at: number): void {
    const { bytes, offset } = this.#keystream;
    for (let i = 0; i < TAG_BYTES; i++) packet[at + i] = this.#hash.byte(i) ^ (bytes[offset + i] ?? 0);
  }

  /** In a time that does not tell how many bytes were right. */
  isTagRight(packet: Uint8Array, at: number): boolean {
    const { bytes, offset } = this.#keystream;
    let difference = 0;
    for (let i = 0; i < TAG_BYTES; i++)
      difference |= (packet[at + i] ?? 0) ^ this.#hash.byte(i) ^ (bytes[offset + i] ?? 0);
    return difference === 0;
  }

  wipe(): void {
    this.#keystream.wipe();
    this.#hash.wipe();
  }
}

export class GcmRtp implements RtpProtection {
  readonly tagBytes = TAG_BYTES;
  readonly #gcm: Gcm;

  constructor(keys: SessionKeys, createAes: CreateAes) {
    this.#gcm = new Gcm(keys, createAes);
  }

  seal(packet: Uint8Array, bodyFrom: number, end: number, ssrc: number, index: number): void {
    this.#gcm.prepare(ssrc, index, end - bodyFrom);
    this.#gcm.crypt(packet, bodyFrom, end);
    this.#gcm.authenticate(packet, bodyFrom, end, undefined);
    this.#gcm.writeTag(packet, end);
  }

  open(packet: Uint8Array, bodyFrom: number, end: number, ssrc: number, index: number): boolean {
    this.#gcm.prepare(ssrc, index, end - bodyFrom);
    this.#gcm.authenticate(packet, bodyFrom, end, undefined);
    if (!this.#gcm.isTagRight(packet, end)) return false;
    this.#gcm.crypt(packet, bodyFrom, end);
    return true;
  }

  wipe(): void {
    this.#gcm.wipe();
  }
}

/** RFC 7714 §9.2: the index word stands behind the tag, and is authenticated after the eight clear bytes. */
export class GcmRtcp implements RtcpProtection {
  readonly trailerBytes = TAG_BYTES + RTCP_INDEX_BYTES;
  readonly #gcm: Gcm;
  readonly #clear = new Uint8Array(RTCP_CLEAR_BYTES + RTCP_INDEX_BYTES);

  constructor(keys: SessionKeys, createAes: CreateAes) {
    this.#gcm = new Gcm(keys, createAes);
  }

  seal(packet: Uint8Array, end: number, ssrc: number, index: number): void {
    this.#gcm.prepare(ssrc, index, end - RTCP_CLEAR_BYTES);
    this.#gcm.crypt(packet, RTCP_CLEAR_BYTES, end);
    this.#gcm.authenticate(packet, RTCP_CLEAR_BYTES, end, this.#clearPart(packet, index));
    this.#gcm.writeTag(packet, end);
    writeUint32(packet, end + TAG_BYTES, RTCP_ENCRYPTED + index);
  }

  indexWord(packet: Uint8Array, end: number): number {
    return readUint32(packet, end + TAG_BYTES);
  }

  open(packet: Uint8Array, end: number, ssrc: number, index: number): boolean {
    this.#gcm.prepare(ssrc, index, end - RTCP_CLEAR_BYTES);
    this.#gcm.authenticate(packet, RTCP_CLEAR_BYTES, end, this.#clearPart(packet, index));
    if (!this.#gcm.isTagRight(packet, end)) return false;
    this.#gcm.crypt(packet, RTCP_CLEAR_BYTES, end);
    return true;
  }

  wipe(): void {
    this.#gcm.wipe();
  }

  #clearPart(packet: Uint8Array, index: number): Uint8Array {
    for (let i = 0; i < RTCP_CLEAR_BYTES; i++) this.#clear[i] = packet[i] ?? 0;
    writeUint32(this.#clear, RTCP_CLEAR_BYTES, RTCP_ENCRYPTED + index);
    return this.#clear;
  }
}
