/**
 * What a cipher does to one packet under one session key, RTP and RTCP each having their own. The caller has read the header,
 * knows the index and has made sure of the room; nothing here judges whether an index may be used.
 */
export interface RtpProtection {
  readonly tagBytes: number;
  /** Encrypts `packet[bodyFrom..end)` and writes the tag at `end`. */
  seal(packet: Uint8Array, bodyFrom: number, end: number, ssrc: number, index: number): void;
  /** Decrypts `packet[bodyFrom..end)` if the tag at `end` is right; false leaves the packet as it was. */
  open(packet: Uint8Array, bodyFrom: number, end: number, ssrc: number, index: number): boolean;
  wipe(): void;
}

export interface RtcpProtection {
  /** Tag and index word. */
  readonly trailerBytes: number;
  /** Encrypts `packet[8..end)` and writes index word and tag from `end` on. */
  seal(packet: Uint8Array, end: number, ssrc: number, index: number): void;
  /** The index word of a packet whose trailer begins at `end`. */
  indexWord(packet: Uint8Array, end: number): number;
  open(packet: Uint8Array, end: number, ssrc: number, index: number): boolean;
  wipe(): void;
}

/** RFC 3711 §3.4: header and SSRC of the first packet of a compound are authenticated but not encrypted. */
export const RTCP_CLEAR_BYTES = 8;
export const RTCP_INDEX_BYTES = 4;
/** The E-bit: this packet is encrypted. */
export const RTCP_ENCRYPTED = 0x8000_0000;
