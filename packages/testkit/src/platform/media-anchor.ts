import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import type { HostPort } from '@sordino/interception';
import { CODECS, type SpokenCodec } from '../audio/codec.ts';
import { type DtlsForgery, forgeNextHandshake } from '../rtp/dtls-media.ts';
import { hostNowMs } from '../rtp/host-clock.ts';
import { RtcpReporter } from '../rtp/rtcp-reporter.ts';
import { SdesMedia } from '../rtp/sdes-media.ts';
import { openUdpPair, type PairSecurity, type UdpPair } from '../rtp/udp-pair.ts';
import { ContinuousStream, readRtpHeader } from './continuous-stream.ts';
import type { CapturedPacket } from './packet-capture.ts';
import type { SdpAudio, SdpDirection } from './sdp.ts';
import { unixMs } from './unix-time.ts';

export interface AnchorHandlers {
  /** One RTP packet from this party; valid during the call only. */
  rtp(packet: Uint8Array): void;
  /** Everything that comes in, RTP and RTCP, as it is. */
  captured?(packet: Omit<CapturedPacket, 'cycle'>): void;
}

/** One port pair of the platform, towards one party: an own stream goes out, raw packets come in. */
export class MediaAnchor {
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
  /** RTP packets that came in. */
  received = 0;
  readonly #sockets: UdpPair;
  readonly #reporter: RtcpReporter;
  readonly #stream = new ContinuousStream({
    ssrc: randomInt(2 ** 32),
    sequence: randomInt(2 ** 15),
    timestamp: randomInt(2 ** 31),
  });
  #peer: SdpAudio | undefined;
  #closed = false;

  private constructor(sockets: UdpPair, handlers: AnchorHandlers) {
    this.#sockets = sockets;
    this.rtp = addressOf(sockets.rtp);
    this.rtcp = addressOf(sockets.rtcp);
    const cname = `${this.rtp.port}@platform`;
    this.#reporter = new RtcpReporter(sockets.rtcp, cname, () => this.#stream.sender(hostNowMs()));
    this.#listen('rtp', (packet) => this.#receive(packet, handlers), handlers);
    this.#listen('rtcp', () => undefined, handlers);
  }

  static async open(host: string, handlers: AnchorHandlers, security?: PairSecurity): Promise<MediaAnchor> {
    return new MediaAnchor(await openUdpPair(host, security), handlers);
  }

  get peer(): SdpAudio | undefined {
    return this.#peer;
  }

  /** From now on packets go there. */
  setPeer(peer: SdpAudio | undefined): void {
    this.#peer = peer;
    if (peer?.crypto !== undefined) this.#sockets.srtp?.agree(peer.crypto, peer.rtp);
    this.#reporter.setPeer(peer?.rtcp);
    const [codec] = peer?.codecs ?? [];
    if (codec !== undefined) this.#stream.ticksPerMs = CODECS[codec].ticksPerMs;
  }

  /** With SDES: the next description has another key of ours. */
  renewKey(): void {
    const { srtp } = this.#sockets;
    if (srtp instanceof SdesMedia) srtp.renew();
  }

  forgeNextHandshake(forgery: DtlsForgery): void {
    forgeNextHandshake(this.#sockets.srtp, forgery);
  }

  /** What we say about this port pair in SDP. */
  describe(
    codec: SpokenCodec,
    eventPayloadType: number | undefined,
    direction: SdpDirection = 'sendrecv',
  ): SdpAudio {
    const crypto = this.#sockets.srtp?.describe();
    const { rtp, rtcp } = this;
    return { rtp, rtcp, codecs: [codec], eventPayloadType, direction, ...(crypto && { crypto }) };
  }

  /** Passes a packet on to this party as part of our own stream. `from`: the anchor it came in by. */
  forward(packet: Uint8Array, from: MediaAnchor): void {
    const header = readRtpHeader(packet);
    if (this.#closed || !this.#peer || !header) return;
    const isEvent = header.payloadType === from.#peer?.eventPayloadType;
    const payloadType = isEvent ? this.#peer.eventPayloadType : header.payloadType;
    // The party never negotiated events: an anchor that is no transcoder can only leave them out.
    if (payloadType === undefined) return;
    const out = this.#stream.take(packet, `${from.rtp.port}`, payloadType, hostNowMs());
    // A peer that is gone answers with ICMP at most; media does not care.
    if (out) this.#sockets.rtp.send(out, this.#peer.rtp.port, this.#peer.rtp.host, () => undefined);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reporter.close();
    this.#sockets.srtp?.close();
    this.#sockets.rtp.close();
    this.#sockets.rtcp.close();
  }

  #listen(kind: 'rtp' | 'rtcp', receive: (packet: Uint8Array) => void, handlers: AnchorHandlers): void {
    const to = this[kind];
    this.#sockets[kind].on('message', (bytes, { address, port }) => {
      handlers.captured?.({ atMs: unixMs(), kind, from: { host: address, port }, to, bytes });
      receive(bytes);
    });
    this.#sockets[kind].on('error', () => undefined);
  }

  #receive(packet: Uint8Array, handlers: AnchorHandlers): void {
    const header = readRtpHeader(packet);
    if (!header) return;
    this.received += 1;
    this.#reporter.packet(header.ssrc, header.sequence, header.timestamp, hostNowMs());
    handlers.rtp(packet);
  }
}

function addressOf(socket: Socket): HostPort {
  const { address, port } = socket.address();
  return { host: address, port };
}
