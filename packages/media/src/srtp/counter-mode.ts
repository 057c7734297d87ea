import { readUint32, writeUint32 } from './bytes.ts';
import { HmacSha1 } from './hmac-sha1.ts';
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

/** RFC 3711 §4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16), and the block counter in the last 16 bits. */
const LAYOUT: CounterLayout = { ssrcAt: 4, indexAt: 8, counterAt: 14, firstCounter: 0 };

/** AES in counter mode, then HMAC-SHA1 over what is sent: RFC 3711 §4.1.1, §4.2.1; RFC 6188 for AES-256. */
class CounterMode {
  readonly #keystream: Keystream;
  readonly #hmac: HmacSha1;
  readonly #tagBytes: number;

  constructor(keys: SessionKeys, tagBytes: number, createAes: CreateAes) {
    this.#keystream = new Keystream(createAes(keys.cipherKey), keys.salt, LAYOUT);
    this.#hmac = new HmacSha1(keys.authenticationKey);
    this.#tagBytes = tagBytes;
  }

  /** Encryption and decryption are the same. */
  crypt(packet: Uint8Array, from: number, end: number, ssrc: number, index: number): void {
    this.#keystream.prepare(ssrc, index, Math.ceil((end - from) / BLOCK_BYTES));
    this.#keystream.apply(packet, from, end, 0);
  }

  writeTag(packet: Uint8Array, end: number, suffix: number | undefined): void {
    this.#hmac.compute(packet, end, suffix);
    for (let i = 0; i < this.#tagBytes; i++) packet[end + i] = this.#hmac.tagByte(i);
  }

  /** In a time that does not tell how many bytes were right. */
  isTagRight(packet: Uint8Array, end: number, suffix: number | undefined): boolean {
    this.#hmac.compute(packet, end, suffix);
    let difference = 0;
    for (let i = 0; i < this.#tagBytes; i++) difference |= (packet[end + i] ?? 0) ^ this.#hmac.tagByte(i);
    return difference === 0;
  }

  wipe(): void {
    this.#keystream.wipe();
    this.#hmac.wipe();
  }
}

export class CounterModeRtp implements RtpProtection {
  readonly tagBytes: number;
  readonly #mode: CounterMode;

  constructor(keys: SessionKeys, tagBytes: number, createAes: CreateAes) {
    this.tagBytes = tagBytes;
    this.#mode = new CounterMode(keys, tagBytes, createAes);
  }

  seal(packet: Uint8Array, bodyFrom: number, end: number, ssrc: number, index: number): void {
    this.#mode.crypt(packet, bodyFrom, end, ssrc, index);
    this.#mode.writeTag(packet, end, rolloverOf(index));
  }

  /** RFC 3711 §3.3: the tag is looked at first. */
  open(packet: Uint8Array, bodyFrom: number, end: number, ssrc: number, index: number): boolean {
    if (!this.#mode.isTagRight(packet, end, rolloverOf(index))) return false;
    this.#mode.crypt(packet, bodyFrom, end, ssrc, index);
    return true;
  }

  wipe(): void {
    this.#mode.wipe();
  }
}

/** RFC 3711 §3.4: the index word stands between the packet and its tag, and is authenticated with it. */
export class CounterModeRtcp implements RtcpProtection {
  readonly trailerBytes: number;
  readonly #mode: CounterMode;

  constructor(keys: SessionKeys, tagBytes: number, createAes: CreateAes) {
    this.trailerBytes = RTCP_INDEX_BYTES + tagBytes;
    this.#mode = new CounterMode(keys, tagBytes, createAes);
  }

  seal(packet: Uint8Array, end: number, ssrc: number, index: number): void {
    this.#mode.crypt(packet, RTCP_CLEAR_BYTES, end, ssrc, index);
    writeUint32(packet, end, RTCP_ENCRYPTED + index);
    this.#mode.writeTag(packet, end + RTCP_INDEX_BYTES, undefined);
  }

  indexWord(packet: Uint8Array, end: number): number {
    return readUint32(packet, end);
  }

  open(packet: Uint8Array, end: number, ssrc: number, index: number): boolean {
    if (!this.#mode.isTagRight(packet, end + RTCP_INDEX_BYTES, undefined)) return false;
    this.#mode.crypt(packet, RTCP_CLEAR_BYTES, end, ssrc, index);
    return true;
  }

  wipe(): void {
    this.#mode.wipe();
  }
}

/** RFC 3711 §4.2: what RTP authenticates beyond the packet. */
const rolloverOf = (index: number): number => Math.floor(index / 0x1_0000);
