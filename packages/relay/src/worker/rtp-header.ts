import { type Result, refuse } from '@sordino/core';
import { type ReusedRtpHeader, type RtpHeader, readRtpHeader, rtpProblem } from '@sordino/media';

/** Why a datagram is not taken as media. */
export type RefusedDatagram =
  | NonNullable<ReturnType<typeof rtpProblem>>
  | 'too_long'
  | 'rtcp_packet'
  | 'no_payload';

/** One Ethernet frame: no G.711 packet of 10-60 ms comes near, and a larger one can only be an attack on our time. */
export const DATAGRAM_BYTES_MAX = 1_500;

/**
 * RFC 5761 §4: second octets 192-223 belong to RTCP. We negotiate no rtcp-mux, so RTCP here is not media, and a payload
 * type of 64-95 is never negotiated by us.
 */
const RTCP_PAYLOAD_TYPE_MIN = 64;
const RTCP_PAYLOAD_TYPE_MAX = 95;

/**
 * Reads one datagram with our own bounds checks: the RTP library's reader accepts extensions and padding that run past the
 * end of the packet, and any version. CSRC list, header extension and padding are skipped, never passed on (rule 3).
 */
export function readRtp(datagram: Uint8Array, into?: ReusedRtpHeader): Result<RtpHeader, RefusedDatagram> {
  if (datagram.length > DATAGRAM_BYTES_MAX) return refuse('too_long');
  const header = readRtpHeader(datagram, into);
  if (header === undefined) return refuse(rtpProblem(datagram) ?? 'shorter_than_header');
  const { payloadType, payloadLength } = header;
  if (payloadType >= RTCP_PAYLOAD_TYPE_MIN && payloadType <= RTCP_PAYLOAD_TYPE_MAX)
    return refuse('rtcp_packet');
  // Empty packets keep NAT bindings open (RFC 6263 §4.1); they are no sign that media flows.
  return payloadLength === 0 ? refuse('no_payload') : { ok: true, value: header };
}
