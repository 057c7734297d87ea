import { RTP_HEADER_BYTES } from '../rtp/header.ts';
import { readUint16 } from './bytes.ts';

/** Where the encrypted part of an RTP packet begins (RFC 3711 §3.1: after CSRCs and extension), or -1 when it is none. */
export function rtpBodyOffset(packet: Uint8Array, end: number): number {
  const first = packet[0] ?? 0;
  if (end < RTP_HEADER_BYTES || end > packet.length || first >> 6 !== 2) return -1;
  let offset = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (first & 0x10) offset += 4 + (offset + 4 <= end ? readUint16(packet, offset + 2) * 4 : 0);
  return offset <= end ? offset : -1;
}

export const SEQUENCE_AT = 2;
export const RTP_SSRC_AT = 8;
export const RTCP_SSRC_AT = 4;
