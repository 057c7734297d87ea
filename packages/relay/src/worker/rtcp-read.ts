import { RTCP_HEADER_SIZE, RtcpHeader, RtcpSrPacket } from 'werift-rtp';
import { DATAGRAM_BYTES_MAX } from './rtp-header.ts';

/** The part of a sender report that our own reports need back (RFC 3550 §6.4.1: LSR is the middle 32 bits of the NTP time). */
export interface SenderReport {
  readonly ssrc: number;
  readonly ntpMiddle: number;
}

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SENDER_INFO_BYTES = 24;
const REPORT_BLOCK_BYTES = 24;

/**
 * Reads a compound packet: its sender reports, or undefined when it is malformed. All else (SDES, BYE, APP, XR, feedback) is
 * skipped: none of it is passed on, and an unauthenticated BYE ends nothing. Bounds are checked before the library reads,
 * and it is given one packet at a time because it reads on into the next one.
 */
export function readRtcp(datagram: Uint8Array): readonly SenderReport[] | undefined {
  if (datagram.length > DATAGRAM_BYTES_MAX) return undefined;
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  const found: SenderReport[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < RTCP_HEADER_SIZE) return undefined;
    const header = RtcpHeader.deSerialize(bytes.subarray(at, at + RTCP_HEADER_SIZE));
    const end = at + RTCP_HEADER_SIZE + header.length * 4;
    // RFC 3550 A.2: version 2, an SR or RR first, lengths that add up to the datagram.
    if (header.version !== 2 || end > bytes.length) return undefined;
    if (at === 0 && header.type !== SENDER_REPORT && header.type !== RECEIVER_REPORT) return undefined;
    if (header.type === SENDER_REPORT) {
      const body = bytes.subarray(at + RTCP_HEADER_SIZE, end);
      if (body.length < SENDER_INFO_BYTES + header.count * REPORT_BLOCK_BYTES) return undefined;
      const report = RtcpSrPacket.deSerialize(body, header.count);
      found.push({
        ssrc: report.ssrc,
        ntpMiddle: Number((report.senderInfo.ntpTimestamp >> 16n) & 0xffff_ffffn),
      });
    }
    at = end;
  }
  return at === 0 ? undefined : found;
}
