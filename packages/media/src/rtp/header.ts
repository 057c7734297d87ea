/** Fixed header of RFC 3550 §5.1, before CSRCs and extension. */
export const RTP_HEADER_BYTES = 12;
const RTP_VERSION = 2;

export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly csrcCount: number;
  /** Where the payload begins, past CSRCs and header extension. */
  readonly payloadOffset: number;
  /** Without padding; may be 0. */
  readonly payloadLength: number;
}

export type RtpProblem =
  | 'shorter_than_header'
  | 'wrong_version'
  | 'csrc_beyond_packet'
  | 'extension_beyond_packet'
  | 'padding_beyond_packet';

/** Why a datagram is no RTP packet, or `undefined` when it is one: for logs and counters. */
export function rtpProblem(bytes: Uint8Array): RtpProblem | undefined {
  const length = bytes.length;
  if (length < RTP_HEADER_BYTES) return 'shorter_than_header';
  const first = bytes[0] ?? 0;
  if (first >> 6 !== RTP_VERSION) return 'wrong_version';
  const afterCsrcs = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (afterCsrcs > length) return 'csrc_beyond_packet';
  const payloadOffset = first & 0x10 ? afterExtension(bytes, afterCsrcs) : afterCsrcs;
  if (payloadOffset > length) return 'extension_beyond_packet';
  if ((first & 0x20) === 0) return undefined;
  // RFC 3550 §5.1: the last octet counts the padding, itself included, so 0 is as wrong as too many.
  const padding = bytes[length - 1] ?? 0;
  return padding === 0 || payloadOffset + padding > length ? 'padding_beyond_packet' : undefined;
}

/** A header to read into, again and again. */
export type ReusedRtpHeader = { -readonly [Field in keyof RtpHeader]: RtpHeader[Field] };

const blankRtpHeader = (): ReusedRtpHeader => ({
  marker: false,
  payloadType: 0,
  sequence: 0,
  timestamp: 0,
  ssrc: 0,
  csrcCount: 0,
  payloadOffset: 0,
  payloadLength: 0,
});

/** Reads and checks an RTP packet; `undefined` for anything that is none (`rtpProblem` says why). */
export function readRtpHeader(
  bytes: Uint8Array,
  into: ReusedRtpHeader = blankRtpHeader(),
): RtpHeader | undefined {
  if (rtpProblem(bytes) !== undefined) return undefined;
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  const csrcCount = first & 0x0f;
  const afterCsrcs = RTP_HEADER_BYTES + csrcCount * 4;
  const payloadOffset = first & 0x10 ? afterExtension(bytes, afterCsrcs) : afterCsrcs;
  const padding = first & 0x20 ? (bytes[bytes.length - 1] ?? 0) : 0;
  into.marker = (second & 0x80) !== 0;
  into.payloadType = second & 0x7f;
  into.sequence = uint16(bytes, 2);
  into.timestamp = uint32(bytes, 4);
  into.ssrc = uint32(bytes, 8);
  into.csrcCount = csrcCount;
  into.payloadOffset = payloadOffset;
  into.payloadLength = bytes.length - payloadOffset - padding;
  return into;
}

/** RFC 3550 §5.3.1: 16 bits of profile, then the count of 32-bit words that follow. */
function afterExtension(bytes: Uint8Array, start: number): number {
  if (start + 4 > bytes.length) return bytes.length + 1;
  return start + 4 + uint16(bytes, start + 2) * 4;
}

const uint16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const uint32 = (bytes: Uint8Array, at: number): number =>
  ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0;
