import type { Socket } from 'node:dgram';
import {
  type RtcpPacket,
  RtcpPacketConverter,
  RtcpRrPacket,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from 'werift-rtp';
import { hostNowMs } from './host-clock.ts';
import { ReceptionStats } from './reception-stats.ts';
import type { HostPort } from './udp-pair.ts';

/** RFC 3550 §6.2 recommends 5 s at least; tests are short, so reports come sooner. */
const RTCP_INTERVAL_MS = 2000;
const HEARD_RTCP_MAX = 2000;
/** Seconds from 1900 (NTP) to 1970 (Unix). */
const NTP_UNIX_OFFSET_S = 2_208_988_800;
const SDES_CNAME = 1;

export interface HeardRtcp {
  readonly arrivalMs: number;
  readonly source: HostPort;
  readonly packets: readonly RtcpPacket[];
}

export interface SenderState {
  readonly ssrc: number;
  /** RTP timestamp of this instant. */
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
}

/** Sends SR (or RR, when nothing was sent) with SDES every two seconds and keeps what the peer reports. */
export class RtcpReporter {
  readonly heard: HeardRtcp[] = [];
  readonly #socket: Socket;
  readonly #cname: string;
  readonly #sender: () => SenderState;
  readonly #timer: NodeJS.Timeout;
  #peer: HostPort | undefined;
  #reception: ReceptionStats | undefined;
  #packetsReported = 0;

  constructor(socket: Socket, cname: string, sender: () => SenderState) {
    this.#socket = socket;
    this.#cname = cname;
    this.#sender = sender;
    this.#timer = setInterval(() => this.#report(), RTCP_INTERVAL_MS);
    socket.on('message', (data, from) => this.#receive(data, { host: from.address, port: from.port }));
  }

  setPeer(peer: HostPort | undefined): void {
    this.#peer = peer;
  }

  /** An RTP packet arrived: the latest sender is the one reported on. */
  packet(ssrc: number, sequenceNumber: number, timestamp: number, arrivalMs: number): void {
    if (this.#reception?.ssrc !== ssrc) this.#reception = new ReceptionStats(ssrc);
    this.#reception.packet(sequenceNumber, timestamp, arrivalMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #receive(data: Buffer, source: HostPort): void {
    const arrivalMs = hostNowMs();
    try {
      const packets = RtcpPacketConverter.deSerialize(data);
      for (const packet of packets) {
        if (packet instanceof RtcpSrPacket && packet.ssrc === this.#reception?.ssrc) {
          this.#reception.senderReport(packet.senderInfo.ntpTimestamp, arrivalMs);
        }
      }
      if (packets.length > 0 && this.heard.length < HEARD_RTCP_MAX)
        this.heard.push({ arrivalMs, source, packets });
    } catch {
      // No RTCP: a phone ignores it.
    }
  }

  #report(): void {
    if (this.#peer === undefined) return;
    const sender = this.#sender();
    const { ssrc } = sender;
    const reports = this.#reception ? [this.#reception.report(hostNowMs())] : [];
    const report =
      sender.packets > this.#packetsReported
        ? new RtcpSrPacket({ ssrc, reports, senderInfo: senderInfo(sender) })
        : new RtcpRrPacket({ ssrc, reports });
    this.#packetsReported = sender.packets;
    const names = [new SourceDescriptionItem({ type: SDES_CNAME, text: this.#cname })];
    const description = new RtcpSourceDescriptionPacket({
      chunks: [new SourceDescriptionChunk({ source: ssrc, items: names })],
    });
    const compound = Buffer.concat([report.serialize(), description.serialize()]);
    this.#socket.send(compound, this.#peer.port, this.#peer.host, () => undefined);
  }
}

function senderInfo(sender: SenderState): RtcpSenderInfo {
  const unixMs = Date.now();
  const seconds = BigInt(Math.floor(unixMs / 1000) + NTP_UNIX_OFFSET_S);
  const fraction = BigInt(Math.floor(((unixMs % 1000) / 1000) * 2 ** 32));
  return new RtcpSenderInfo({
    ntpTimestamp: (seconds << 32n) | fraction,
    rtpTimestamp: sender.rtpTimestamp,
    packetCount: sender.packets,
    octetCount: sender.octets,
  });
}
