import { RTCP_HEADER_SIZE, RtcpHeader, RtcpReceiverInfo, RtcpSrPacket } from 'werift-rtp';
import { DATAGRAM_BYTES_MAX } from './rtp-header.ts';

/** The part of a sender report that our own reports need back (RFC 3550 §6.4.1: LSR is the middle 32 bits of the NTP time). */
interface SenderReport {
  readonly ssrc: number;
  readonly ntpMiddle: number;
}

/** What a peer says of one stream that it receives. */
export interface ReportBlock {
  readonly ssrc: number;
  /** Negative when packets were doubled on the way. */
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  readonly jitterTicks: number;
  /** Zero: no sender report of ours had arrived. */
  readonly lsr: number;
  readonly dlsr: number;
}

export interface RtcpNews {
  readonly senderReports: readonly SenderReport[];
  readonly blocks: readonly ReportBlock[];
  /** Sources that say goodbye. */
  readonly byes: readonly number[];
}

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const BYE = 203;
const SSRC_BYTES = 4;
const SENDER_INFO_BYTES = 24;
const REPORT_BLOCK_BYTES = 24;

/**
 * Reads a compound packet, or undefined when it is malformed. What is not read (SDES, APP, XR, feedback) is skipped, and
 * nothing is passed on. Bounds are checked before the library reads, and it is given one packet at a time because it reads on
 * into the next one.
 */
export function readRtcp(datagram: Uint8Array): RtcpNews | undefined {
  if (datagram.length > DATAGRAM_BYTES_MAX) return undefined;
  const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.length);
  const senderReports: SenderReport[] = [];
  const blocks: ReportBlock[] = [];
  const byes: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < RTCP_HEADER_SIZE) return undefined;
    const header = RtcpHeader.deSerialize(bytes.subarray(at, at + RTCP_HEADER_SIZE));
    const end = at + RTCP_HEADER_SIZE + header.length * 4;
    // RFC 3550 A.2: version 2, an SR or RR first, lengths that add up to the datagram.
    if (header.version !== 2 || end > bytes.length) return undefined;
    if (at === 0 && header.type !== SENDER_REPORT && header.type !== RECEIVER_REPORT) return undefined;
    const body = bytes.subarray(at + RTCP_HEADER_SIZE, end);
    if (header.type === SENDER_REPORT || header.type === RECEIVER_REPORT) {
      const before = header.type === SENDER_REPORT ? SENDER_INFO_BYTES : SSRC_BYTES;
      if (body.length < before + header.count * REPORT_BLOCK_BYTES) return undefined;
      if (header.type === SENDER_REPORT) senderReports.push(senderReportIn(body));
      for (let n = 0; n < header.count; n += 1)
        blocks.push(blockIn(body.subarray(before + n * REPORT_BLOCK_BYTES)));
    } else if (header.type === BYE) {
      if (body.length < header.count * SSRC_BYTES) return undefined;
      for (let n = 0; n < header.count; n += 1) byes.push(body.readUInt32BE(n * SSRC_BYTES));
    }
    at = end;
  }
  return at === 0 ? undefined : { senderReports, blocks, byes };
}

function senderReportIn(body: Buffer): SenderReport {
  const { ssrc, senderInfo } = RtcpSrPacket.deSerialize(body, 0);
  return { ssrc, ntpMiddle: Number((senderInfo.ntpTimestamp >> 16n) & 0xffff_ffffn) };
}

function blockIn(body: Buffer): ReportBlock {
  const block = RtcpReceiverInfo.deSerialize(body.subarray(0, REPORT_BLOCK_BYTES));
  return {
    ssrc: block.ssrc,
    // RFC 3550 §6.4.1: 24 bits with a sign; the library reads them without.
    cumulativeLost: (block.packetsLost << 8) >> 8,
    highestSequence: block.highestSequence,
    jitterTicks: block.jitter,
    lsr: block.lsr,
    dlsr: block.dlsr,
  };
}
