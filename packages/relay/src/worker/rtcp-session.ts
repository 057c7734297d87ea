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
import type { PeerReports } from './peer-reports.ts';
import type { Reception } from './reception.ts';
import type { RtcpNews } from './rtcp-read.ts';
import type { RtcpTiming } from './rtcp-timing.ts';
import type { RtpWriter } from './rtp-writer.ts';

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
  readonly #reports: PeerReports;
  readonly #timing: RtcpTiming;
  readonly #cname: string;
  #packetsAtReport = 0;
  #packetsAtPreviousReport = 0;
  #heardAtReport = 0;
  #spoke = false;
  #peerSsrc: number | undefined;
  #lastSenderReport: { readonly middle: number; readonly arrivedMs: number } | undefined;

  constructor(
    writer: RtpWriter,
    reception: Reception,
    reports: PeerReports,
    timing: RtcpTiming,
    cname: string,
  ) {
    this.#writer = writer;
    this.#reception = reception;
    this.#reports = reports;
    this.#timing = timing;
    this.#cname = cname;
  }

  /** The peer is known. Repeats are harmless. */
  start(nowMs: number): void {
    this.#timing.start(nowMs);
  }

  /** The stream of the peer that a report block is about; a new stream forgets the old one's sender report. */
  peerStream(ssrc: number): void {
    this.#peerSsrc = ssrc;
    this.#lastSenderReport = undefined;
  }

  /**
   * A compound packet of the peer. A BYE ends nothing: it is not authenticated, and the dialog says when the call is over. With its
   * source gone nobody is left to hurry for (RFC 3550 §6.3.4), so it only forgets the sender report.
   */
  arrived({ senderReports, blocks, byes }: RtcpNews, nowMs: number): void {
    for (const { ssrc, ntpMiddle } of senderReports)
      if (ssrc === this.#peerSsrc) this.#lastSenderReport = { middle: ntpMiddle, arrivedMs: nowMs };
    this.#reports.arrived(blocks, this.#writer.packets, nowMs);
    if (byes.some((ssrc) => ssrc === this.#peerSsrc)) this.#lastSenderReport = undefined;
  }

  /** A report when one is due. */
  tick(now: RtcpTimes): Buffer | undefined {
    return this.#timing.due(now.monotonicMs) ? this.#report(now) : undefined;
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
    const ntpTimestamp = ntpTime(now.wallMs);
    if (sends) this.#reports.sent(Number((ntpTimestamp >> 16n) & 0xffff_ffffn), now.monotonicMs);
    const first = sends
      ? new RtcpSrPacket({
          ssrc: writer.ssrc,
          senderInfo: new RtcpSenderInfo({
            ntpTimestamp,
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
    // RFC 3550 §6.4: only of a source that was heard since the last report.
    const heard = this.#reception.packets;
    if (this.#peerSsrc === undefined || heard === this.#heardAtReport) return [];
    this.#heardAtReport = heard;
    const reception = this.#reception.report();
    const last = this.#lastSenderReport;
    return [
      new RtcpReceiverInfo({
        ssrc: this.#peerSsrc,
        fractionLost: reception.fractionLost,
        packetsLost: reception.cumulativeLost & 0xff_ffff,
        highestSequence: reception.highestSequence,
        jitter: reception.jitterTicks,
        lsr: last?.middle ?? 0,
        // RFC 3550 §6.4.1: in units of 1/65536 second; zero while no sender report came.
        dlsr: last === undefined ? 0 : Math.round(((nowMs - last.arrivedMs) * 65_536) / 1_000) >>> 0,
      }),
    ];
  }
}

/** 32 bits of seconds since 1900, 32 bits of fraction (RFC 3550 §4). */
function ntpTime(wallMs: number): bigint {
  const seconds = Math.floor(wallMs / 1_000);
  const fraction = Math.floor(((wallMs - seconds * 1_000) / 1_000) * 0x1_0000_0000);
  return (BigInt(seconds + NTP_EPOCH_OFFSET_S) << 32n) | BigInt(fraction);
}
