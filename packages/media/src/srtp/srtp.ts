import type { SrtpSuiteName } from './suites.ts';

/** One direction's master key: one for what we send, another for what the peer sends. */
export interface SrtpKeys {
  readonly suite: SrtpSuiteName;
  /** Of the length that the suite demands, as is the salt. */
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
}

/** The block cipher, which this package does not bring itself: AES under one key, whole blocks, no chaining (ECB). */
export interface Aes {
  /** Encrypts `length` bytes of `blocks`, a multiple of 16. The result is the caller's to read until the next call. */
  encrypt(blocks: Uint8Array, length: number): Uint8Array;
  /** Forgets the key. Not to be used after it. */
  release(): void;
}

export type CreateAes = (key: Uint8Array) => Aes;

/** A packet that is not to be sent or used. */
export const DROPPED = -1;

/** Bytes that a buffer needs behind the longest packet: 16 of tag and 4 of SRTCP index (RFC 7714 §9). */
export const SRTP_TRAILER_BYTES_MAX = 20;

/** Protects what we send. Its streams are those of the SSRCs in the packets, each with its own rollover counter. */
export interface SrtpSender {
  /**
   * Encrypts and authenticates `packet[0..length)` in place; the buffer needs `SRTP_TRAILER_BYTES_MAX` behind it. Answers the
   * new length, or `DROPPED`: no RTP packet, no room, an index that was used before (its keystream must not be used again),
   * or a key that is spent.
   */
  protectRtp(packet: Uint8Array, length: number): number;
  protectRtcp(packet: Uint8Array, length: number): number;
  /** From now on with this key; the rollover counters go on (RFC 3711 §3.3.1). A peer that knows none wants a new sender. */
  rekey(keys: SrtpKeys): void;
  /** Zeroes all key material; everything is `DROPPED` from then on. */
  wipe(): void;
}

/** Opens what the peer sends. A stream is remembered from its first authentic packet on, never before. */
export interface SrtpReceiver {
  /** Authenticates, then decrypts in place. Answers the length of the plain packet, or `DROPPED`, and counts why. */
  unprotectRtp(packet: Uint8Array, length: number): number;
  /** SRTCP that is not encrypted (E-bit 0, RFC 3711 §3.4) is malformed to us: encryption was negotiated. */
  unprotectRtcp(packet: Uint8Array, length: number): number;
  /**
   * The peer's next key. The one before is still taken until the new one has been heard for a while, so that nothing is lost
   * whenever the peer changes. A stream that goes on may keep its rollover counter (RFC 3711 §3.3.1) or begin at zero, as RFC
   * 4568 §7.1.4 has it for a peer that moved and as many do always: the tag says which.
   */
  rekey(keys: SrtpKeys): void;
  readonly drops: SrtpDrops;
  wipe(): void;
}

/** Packets that were not used, RTP and RTCP together. */
export interface SrtpDrops {
  /** No packet of this profile, or of one stream more than `SRTP_STREAMS_MAX`. */
  readonly malformed: number;
  /** Its tag is not of our key: forged, damaged, or under a key that we do not have (yet). */
  readonly unauthentic: number;
  /** Seen before, or too old to know. */
  readonly replayed: number;
}
