import {
  RtcpHeader,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from 'werift-rtp';
import type { Reception } from './reception.ts';
import type { SenderReport } from './rtcp-read.ts';
import type { RtpWriter } from './rtp-writer.ts';

/** RFC 3550 §6.2: the recommended minimum between two reports; one call needs no more. */
export const RTCP_INTERVAL_MS = 5_000;
/** RFC 3550 §6.3.1: the interval is spread over [0.5, 1.5] and divided by e - 3/2, so that reports of many calls do not align. */
const COMPENSATION = Math.E - 1.5;

const SDES_CNAME = 1;
const RTCP_BYE = 203;
/** Seconds from 1900 (NTP) to 1970 (Unix). */
const NTP_EPOCH_OFFSET_S = 2_208_988_800;

export interface RtcpTimes {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * Our reports to one peer: what WE sent and what WE received. Nothing of the other side is in them (rule 3): no counts, no
 * names, no APP, no XR. Each datagram is a compound packet: SR or RR, then SDES with our CNAME (RFC 3550 §6.1).
 */
export class RtcpSession {
  readonly #writer: RtpWriter;
  readonly #reception: Reception;
  readonly #cname: string;
  readonly #intervalMs: number;
  readonly #random: () => number;
  #dueMs = Number.POSITIVE_INFINITY;
  #packetsAtReport = 0;
  #packetsAtPreviousReport = 0;
  #spoke = false;
  #peerSsrc: number | undefined;
  #lastSenderReport: { readonly middle: number; readonly arrivedMs: number } | undefined;

  constructor(
    writer: RtpWriter,
    reception: Reception,
    cname: string,
    intervalMs: number,
    random: () => number,
  ) {
    this.#writer = writer;
    this.#reception = reception;
    this.#cname = cname;
    this.#intervalMs = intervalMs;
    this.#random = random;
  }

  /** The peer is known: the first report goes after half an interval (RFC 3550 §6.2). Repeats are harmless. */
  start(nowMs: number): void {
    if (this.#dueMs === Number.POSITIVE_INFINITY) this.#dueMs = nowMs + this.#spread(this.#intervalMs / 2);
  }

  /** The stream of the peer that a report block is about; a new stream forgets the old one's sender report. */
  peerStream(ssrc: number): void {
    this.#peerSsrc = ssrc;
    this.#lastSenderReport = undefined;
  }

  senderReport(report: SenderReport, nowMs: number): void {
    if (report.ssrc !== this.#peerSsrc) return;
    this.#lastSenderReport = { middle: report.ntpMiddle, arrivedMs: nowMs };
  }

  /** A report when one is due. Deadlines are absolute: a late tick does not move the ones after it. */
  tick(now: RtcpTimes): Buffer | undefined {
    if (now.monotonicMs < this.#dueMs) return undefined;
    this.#dueMs += this.#spread(this.#intervalMs);
    if (this.#dueMs < now.monotonicMs) this.#dueMs = now.monotonicMs + this.#spread(this.#intervalMs);
    return this.#report(now);
  }

  /** The last packet, or undefined when we never spoke: then RFC 3550 §6.3.7 forbids a BYE. It gives no reason. */
  bye(now: RtcpTimes): Buffer | undefined {
    if (!this.#spoke && this.#writer.packets === 0) return undefined;
    const ssrc = Buffer.alloc(4);
    ssrc.writeUInt32BE(this.#writer.ssrc);
    return Buffer.concat([this.#report(now), RtcpHeader.serialize(RTCP_BYE, 1, ssrc, 1)]);
  }

  #report(now: RtcpTimes): Buffer {
    const writer = this.#writer;
    // RFC 3550 §6.4: a sender is one that sent since the second last report.
    const sends = writer.packets > this.#packetsAtPreviousReport;
    this.#packetsAtPreviousReport = this.#packetsAtReport;
    this.#packetsAtReport = writer.packets;
    this.#spoke = true;
    const reports = this.#blocks(now.monotonicMs);
    const first = sends
      ? new RtcpSrPacket({
          ssrc: writer.ssrc,
          senderInfo: new RtcpSenderInfo({
            ntpTimestamp: ntpTime(now.wallMs),
            rtpTimestamp: writer.timestampAt(now.monotonicMs),
            packetCount: writer.packets >>> 0,
            octetCount: writer.octets >>> 0,
          }),
          reports,
        })
      : new RtcpRrPacket({ ssrc: writer.ssrc, reports });
    const description = new RtcpSourceDescriptionPacket({
      chunks: [
        new SourceDescriptionChunk({
          source: writer.ssrc,
          items: [new SourceDescriptionItem({ type: SDES_CNAME, text: this.#cname })],
        }),
      ],
    });
    return Buffer.concat([first.serialize(), description.serialize()]);
  }

  #blocks(nowMs: number): RtcpReceiverInfo[] {
    if (this.#peerSsrc === undefined) return [];
    const reception = this.#reception.report();
    const last = this.#lastSenderReport;
    return [
      new RtcpReceiverInfo({
        ssrc: this.#peerSsrc,
        fractionLost: reception.fractionLost,
        packetsLost: reception.cumulativeLost,
        highestSequence: reception.highestSequence,
        jitter: reception.jitterTicks,
        lsr: last?.middle ?? 0,
        // RFC 3550 §6.4.1: in units of 1/65536 second; zero while no sender report came.
        dlsr: last === undefined ? 0 : Math.round(((nowMs - last.arrivedMs) * 65_536) / 1_000) >>> 0,
      }),
    ];
  }

  #spread(intervalMs: number): number {
    return (intervalMs * (0.5 + this.#random())) / COMPENSATION;
  }
}

/** 32 bits of seconds since 1900, 32 bits of fraction (RFC 3550 §4). */
function ntpTime(wallMs: number): bigint {
  const seconds = Math.floor(wallMs / 1_000);
  const fraction = Math.floor(((wallMs - seconds * 1_000) / 1_000) * 0x1_0000_0000);
  return (BigInt(seconds + NTP_EPOCH_OFFSET_S) << 32n) | BigInt(fraction);
}
