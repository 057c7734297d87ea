import type { Clock, LegMedia, LegQuality, OneWay } from '@sordino/core';
import type { BridgePorts, BridgeSide, IceCredentials, SrtpPair } from '@sordino/interception';
import { rtpClockRateHz } from '@sordino/media';
import { addressText } from '../address-text.ts';
import { isRtcp } from './dtls/demux.ts';
import { DtlsPort } from './dtls/dtls-port.ts';
import type { DatagramReceiver, PacketSocket } from './io/packet-io.ts';
import { LegQualityMeter } from './leg-quality-meter.ts';
import { type MediaNews, MediaWatch } from './media-watch.ts';
import { OneWayWatch } from './one-way-watch.ts';
import { payloadOf } from './payload-views.ts';
import { type Peer, peerAt } from './peer.ts';
import { isSame, type PeerAddress, PeerGate } from './peer-gate.ts';
import { PeerReports } from './peer-reports.ts';
import type { PortPair } from './port-pair.ts';
import { type PacketReceiver, packetInHand } from './received-packet.ts';
import { Reception } from './reception.ts';
import { readRtcp } from './rtcp-read.ts';
import { RtcpSession } from './rtcp-session.ts';
import { RtcpTiming } from './rtcp-timing.ts';
import { readRtp } from './rtp-header.ts';
import type { RtpWriter } from './rtp-writer.ts';
import { SideCrypto } from './side-crypto.ts';
import { SsrcLock } from './ssrc-lock.ts';

/** A payload type that no packet has. */
const NO_TYPE = -1;

export interface MediaSideOptions {
  readonly side: BridgeSide;
  readonly ports: PortPair;
  /** As SDP shows them. */
  readonly local: BridgePorts;
  readonly writer: RtpWriter;
  readonly cname: string;
  readonly rtcpIntervalMs: number;
  readonly clock: Clock;
  readonly news: (news: MediaNews, silentMs: number) => void;
  readonly quality: (sample: LegQuality) => void;
  readonly oneWay: (oneWay: OneWay | null) => void;
  readonly random: () => number;
  /** The side can take a peer with DTLS-SRTP. */
  readonly dtls: SideDtls | undefined;
}

interface SideDtls {
  readonly ice: IceCredentials;
  /** A DTLS datagram of the peer. */
  readonly handshake: (datagram: Uint8Array) => void;
}

/** What was refused on one side; never what was in it. */
export interface SideTroubles {
  readonly malformed: number;
  readonly foreign: number;
  readonly suspectStreamPackets: number;
  readonly streamRestarts: number;
  readonly faults: number;
  /** SRTP and SRTCP that are not the peer's. */
  readonly srtpUnauthentic: number;
  readonly srtpReplayed: number;
}

/** One end of a bridge: its sockets, who may speak on them, what was received, and our RTCP to the peer. */
export class MediaSide implements DatagramReceiver {
  readonly #options: MediaSideOptions;
  readonly #clock: Clock;
  readonly #rtp: PacketSocket;
  readonly #gate = new PeerGate();
  readonly #crypto = new SideCrypto();
  readonly #dtls: DtlsPort | undefined;
  readonly #lock = new SsrcLock();
  readonly #reception = new Reception();
  readonly #watch = new MediaWatch();
  readonly #oneWay = new OneWayWatch();
  readonly #reports: PeerReports;
  readonly #quality: LegQualityMeter;
  readonly #rtcp: RtcpSession;
  #receiver: PacketReceiver = { packet() {} };
  #peer: Peer | undefined;
  /** Of the peer, for each packet: where to, while it wants packets; as whom the socket knows it; its payload types. */
  #to: PeerAddress | undefined;
  #speaker: PeerAddress | undefined;
  #audioType = NO_TYPE;
  #eventType = NO_TYPE;
  #isDtls = false;
  /** NaN until something comes: a field that is not always a number costs an object for each packet. */
  #lastInMs = Number.NaN;
  #malformed = 0;
  #foreignRtcp = 0;
  #faults = 0;
  #isClosed = false;

  constructor(options: MediaSideOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#rtp = options.ports.rtp;
    const { writer, cname, rtcpIntervalMs, random } = options;
    this.#reports = new PeerReports(writer.ssrc);
    this.#quality = new LegQualityMeter(this.#reception, this.#reports);
    const timing = new RtcpTiming(rtcpIntervalMs, random);
    this.#rtcp = new RtcpSession(writer, this.#reception, this.#reports, timing, cname);
    this.#dtls =
      options.dtls &&
      new DtlsPort({
        ...options.dtls,
        reply: (datagram, to) => options.ports.rtp.send(datagram, to),
        moved: () => {
          if (this.#peer !== undefined) this.setPeer(this.#peer);
        },
      });
    this.#rtp.receive(this);
    options.ports.rtcp.receive({
      datagram: (datagram, from) => this.#guard(() => this.#rtcpArrived(datagram, from)),
    });
  }

  /**
   * One of the RTP port. What throws would take the whole worker with it, and every call on it: a packet that cannot be handled is not
   * relayed and is counted; its bridge goes on masked (rule 1).
   */
  datagram(datagram: Uint8Array, from: PeerAddress): void {
    try {
      if (!this.#isClosed) this.#rtpArrived(datagram, from);
    } catch {
      this.#faults += 1;
    }
  }

  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** This side has keys or waits for some: a peer without them is not taken any more. */
  get isEncrypted(): boolean {
    return this.#crypto.isOn;
  }

  /** There is a peer and it wants our packets. */
  get isSendable(): boolean {
    return this.#to !== undefined && !this.#isClosed && this.#isAllowed;
  }

  onPacket(receiver: PacketReceiver): void {
    this.#receiver = receiver;
  }

  /** The old peer is refused from this call on; what the new one sent before it was known is used now. */
  setPeer(signalled: Peer): void {
    const peer = this.#associated(signalled);
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#peer;
    this.#peer = peer;
    this.#to = peer.receives ? peer.rtp : undefined;
    this.#speaker = undefined;
    const { srtp, dtls, audioPayloadType, eventPayloadType } = peer.description;
    this.#audioType = audioPayloadType;
    this.#eventType = eventPayloadType ?? NO_TYPE;
    this.#isDtls = dtls !== undefined;
    const hasMoved = before?.rtp === undefined || peer.rtp === undefined || !isSame(before.rtp, peer.rtp);
    if (srtp !== undefined) this.#crypto.setKeys(srtp, hasMoved);
    const clockRateHz = rtpClockRateHz(peer.description.codec);
    this.#reception.useClock(clockRateHz);
    this.#reports.useClock(clockRateHz);
    this.#options.writer.useClock(clockRateHz);
    this.#rtcp.start(nowMs);
    this.#quality.start(nowMs);
    if (peer.sends !== before?.sends) this.#oneWay.expect(nowMs);
    // A peer that is silent by agreement has not stalled; when it speaks again its clock begins anew.
    if (peer.sends && before?.sends === false) this.#watch.restartClock(nowMs);
    if (peer.rtp === undefined || !hasMoved) return;
    this.#lock.reset();
    this.#reports.restart();
    this.#oneWay.expect(nowMs);
    this.#watch.peerMoved(nowMs);
    for (const { bytes, arrivedMs } of this.#gate.setPeer(peer.rtp)) {
      try {
        this.#accept(bytes, arrivedMs);
      } finally {
        bytes.fill(0);
      }
    }
  }

  /** What a handshake came to. Too late for a peer that has gone, the keys are zeroed. */
  setKeys(keys: SrtpPair): void {
    if (this.#peer?.description.dtls !== undefined && !this.#isClosed) {
      this.#crypto.setKeys(keys, true);
      return;
    }
    for (const { masterKey, masterSalt } of [keys.local, keys.remote]) {
      masterKey.fill(0);
      masterSalt.fill(0);
    }
  }

  /** A DTLS datagram to the peer. */
  sendHandshake(datagram: Uint8Array): void {
    if (!this.#isClosed) this.#dtls?.send(datagram);
  }

  /** To the signalled peer and to nobody else. */
  send(packet: Uint8Array): void {
    const to = this.#to;
    if (to === undefined || !this.isSendable) return;
    const sent = this.#crypto.protectRtp(packet);
    if (sent === undefined) this.#faults += 1;
    else this.#rtp.send(sent, to);
  }

  tick(nowMs: number): void {
    this.#dtls?.tick(nowMs);
    if (this.#peer === undefined) return;
    this.#tellWatches();
    if (this.#peer.sends && this.#watch.tick(nowMs) === 'stalled')
      this.#options.news('stalled', Math.round(this.#watch.silentMs(nowMs)));
    this.#judge(this.#peer, nowMs);
    // RFC 3264 §5.1: RTCP goes on while the media is on hold.
    const wallMs = this.#options.clock.wallMs();
    this.#sendRtcp(this.#rtcp.tick({ monotonicMs: nowMs, wallMs }));
  }

  figures(): LegMedia {
    const { clock, local, writer } = this.#options;
    const peer = this.#peer;
    const remote = peer?.rtp ?? peer?.description.rtp;
    return {
      codec: peer?.description.codec ?? 'none',
      local: addressText(local.rtp),
      remote: remote === undefined ? null : addressText(remote),
      packets_in: this.#reception.packets,
      packets_out: writer.packets,
      lost_in: this.#reception.lost,
      jitter_ms: tenths(this.#reception.jitterMs),
      foreign_in: this.#foreign,
      last_in_ms_ago: Number.isNaN(this.#lastInMs) ? null : Math.round(clock.monotonicMs() - this.#lastInMs),
      rtt_ms: tenths(this.#reports.rttMs),
      lost_out: this.#reports.lost,
      jitter_out_ms: tenths(this.#reports.jitterMs),
      one_way: this.#oneWay.now,
      quality: this.#quality.samples,
    };
  }

  troubles(): SideTroubles {
    const { malformed, unauthentic, replayed } = this.#crypto.drops;
    return {
      malformed: this.#malformed + malformed,
      srtpUnauthentic: unauthentic,
      srtpReplayed: replayed,
      foreign: this.#foreign,
      suspectStreamPackets: this.#lock.suspects,
      streamRestarts: this.#lock.restarts,
      faults: this.#faults + this.#options.ports.rtp.refusedSends + this.#options.ports.rtcp.refusedSends,
    };
  }

  /** Says BYE, forgets what it held and frees the ports. */
  async close(): Promise<void> {
    const { clock, ports } = this.#options;
    const wasOpen = !this.#isClosed;
    this.#isClosed = true;
    this.#gate.wipe();
    if (wasOpen) this.#sendRtcp(this.#rtcp.bye({ monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() }));
    this.#crypto.wipe();
    await ports.close();
  }

  #guard(handle: () => void): void {
    try {
      if (!this.#isClosed) handle();
    } catch {
      this.#faults += 1;
    }
  }

  get #foreign(): number {
    return this.#gate.foreign + this.#foreignRtcp + (this.#dtls?.refused ?? 0);
  }

  /** With DTLS there is nothing to be sent before there are keys, nor without the consent of the peer's checks. */
  get #isAllowed(): boolean {
    return this.#crypto.isReady && this.#dtls?.maySend !== false;
  }

  /** A peer with DTLS, where its checks say that it is. */
  #associated(peer: Peer): Peer {
    const { dtls } = peer.description;
    if (dtls === undefined || this.#dtls === undefined) return peer;
    if (this.#dtls.setPeer(dtls, peer.rtp)) this.#crypto.demand();
    return peerAt(peer, this.#dtls.address);
  }

  #rtpArrived(datagram: Uint8Array, from: PeerAddress): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#dtls?.takes(datagram, from, nowMs)) return;
    if (this.#isDtls && isRtcp(datagram)) {
      this.#rtcpArrived(datagram, from);
      return;
    }
    if (from !== this.#speaker) {
      if (!this.#gate.admit(datagram, from, nowMs)) return;
      this.#speaker = from;
    }
    this.#accept(datagram, nowMs);
  }

  #accept(datagram: Uint8Array, arrivedMs: number): void {
    const packet = this.#crypto.unprotectRtp(datagram);
    if (packet === undefined) return;
    const read = readRtp(packet, packetInHand);
    if (!read.ok) this.#malformed += 1;
    else this.#received(packet, arrivedMs);
  }

  #received(datagram: Uint8Array, arrivedMs: number): void {
    const header = packetInHand;
    // In the clear whoever can write the peer's address could press keys beside its stream.
    const isEvent = header.payloadType === this.#eventType && this.#crypto.isOn;
    const verdict = this.#lock.judge(header.ssrc, header.sequence, isEvent);
    if (verdict === 'suspect') return;
    header.payload = payloadOf(datagram, header.payloadOffset, header.payloadLength);
    header.restarted = verdict === 'restarted';
    header.beside = verdict === 'beside';
    if (header.beside) {
      this.#receiver.packet(header, arrivedMs);
      return;
    }
    if (verdict === 'restarted') {
      this.#reception.restart();
      this.#rtcp.peerStream(header.ssrc);
    }
    const isAudio = header.payloadType === this.#audioType;
    this.#reception.count(header.sequence, isAudio ? header.timestamp : undefined, arrivedMs);
    this.#lastInMs = arrivedMs;
    if (!this.#watch.isFlowing) this.#tellNews(this.#watch.packet(arrivedMs));
    this.#receiver.packet(header, arrivedMs);
  }

  #tellNews(news: MediaNews | undefined): void {
    if (news !== undefined) this.#options.news(news, 0);
  }

  /** When the last packet came: in time for their ticks, and not with each packet. */
  #tellWatches(): void {
    if (Number.isNaN(this.#lastInMs)) return;
    this.#watch.heard(this.#lastInMs);
    this.#oneWay.heard(this.#lastInMs);
  }

  /** RTCP may come from another port of the peer (NAT, RFC 3605 ignored), never from another host. */
  #rtcpArrived(datagram: Uint8Array, from: PeerAddress): void {
    const peer = this.#peer;
    if (peer === undefined) return;
    if (from.host !== peer.rtcp?.host && from.host !== peer.rtp?.host) {
      this.#foreignRtcp += 1;
      return;
    }
    const packet = this.#crypto.unprotectRtcp(datagram);
    if (packet === undefined) return;
    const news = readRtcp(packet);
    if (news === undefined) this.#malformed += 1;
    else this.#rtcp.arrived(news, this.#options.clock.monotonicMs());
  }

  #judge(peer: Peer, nowMs: number): void {
    const { clock, quality, oneWay, writer } = this.#options;
    const { codec, packetTimeMs } = peer.description;
    const sample = this.#quality.tick(nowMs, clock.wallMs(), codec, packetTimeMs);
    if (sample !== undefined) quality(sample);
    const sentMs = this.isSendable ? writer.lastMs : undefined;
    if (this.#oneWay.tick(nowMs, sentMs, peer.sends, this.#reports.isDeaf)) oneWay(this.#oneWay.now);
  }

  #sendRtcp(packet: Uint8Array | undefined): void {
    const to = this.#peer?.rtcp;
    if (packet === undefined || to === undefined || !this.#isAllowed) return;
    const sent = this.#crypto.protectRtcp(packet);
    const { rtp, rtcp } = this.#options.ports;
    if (sent === undefined) this.#faults += 1;
    else (this.#peer?.description.dtls === undefined ? rtcp : rtp).send(sent, to);
  }
}

function tenths(value: number): number;
function tenths(value: number | null): number | null;
function tenths(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
