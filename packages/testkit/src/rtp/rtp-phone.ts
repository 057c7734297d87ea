import { randomBytes, randomInt } from 'node:crypto';
import type { RemoteInfo } from 'node:dgram';
import { RtpHeader, RtpPacket } from 'werift-rtp';
import { CODECS, type Coder, coderOf, loadCodec, type SpokenCodec } from '../audio/codec.ts';
import { SAMPLES_PER_MS } from '../audio/samples.ts';
import type { AudioSource } from '../audio/source.ts';
import { type DtlsForgery, forgeNextHandshake } from './dtls-media.ts';
import { HeardAudio } from './heard-audio.ts';
import { hostNowMs } from './host-clock.ts';
import { type EventPacket, type KeyPressOptions, Keypad, type PressedKey } from './keypad.ts';
import { PACKET_MS, Pacer } from './pacer.ts';
import { type HeardRtcp, RtcpReporter } from './rtcp-reporter.ts';
import type { SdpSecurity, Security } from './secure-media.ts';
import { SentAudio } from './sent-audio.ts';
import { type HostPort, openUdpPair, type UdpPair } from './udp-pair.ts';

const FRAME_SAMPLES = PACKET_MS * SAMPLES_PER_MS;

export interface RtpPhoneOptions {
  /** Local address to bind, e.g. 127.0.0.1; the ports are chosen by the system. */
  readonly host: string;
  /** Codec until `setPeer` says another. */
  readonly codec: SpokenCodec;
  /** Payload type of telephone-event, for a peer that names none of its own. */
  readonly eventPayloadType?: number;
  readonly talker: AudioSource;
  /** Speaks SRTP, and nothing else. */
  readonly srtp?: Security | undefined;
  /** Most phones send no audio while an RFC 4733 event runs; some go on. Default: false. */
  readonly audioDuringEvents?: boolean;
}

/** Where to send, and how, as the peer's SDP said. */
export interface RtpPeer {
  readonly rtp: HostPort;
  /** Default: the port after RTP's. */
  readonly rtcp?: HostPort;
  readonly audioPayloadType: number;
  readonly codec: SpokenCodec;
  readonly eventPayloadType?: number;
  readonly crypto?: SdpSecurity | undefined;
}

/**
 * The media half of a phone: talks, presses keys, listens and records both ways. One SSRC, one sequence and one
 * timestamp line for its whole life, whoever its peer is at the moment: as a carrier's gateway does.
 */
export class RtpPhone {
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
  readonly sent = new SentAudio();
  readonly heard = new HeardAudio();
  readonly ssrc = randomInt(2 ** 32);
  readonly #options: RtpPhoneOptions;
  readonly #sockets: UdpPair;
  readonly #keypad = new Keypad();
  readonly #pacer: Pacer;
  readonly #reporter: RtcpReporter;
  #peer: RtpPeer | undefined;
  #spoken: { readonly codec: SpokenCodec; readonly coder: Coder } | undefined;
  #talking = false;
  #closed = false;
  /** RFC 4568 §6.4: in the lower half, so that whoever joins late knows how often it wrapped. */
  #sequenceNumber = randomInt(2 ** 15);
  #timestamp = randomInt(2 ** 32);
  #sentPackets = 0;
  #sentOctets = 0;
  /** The next audio packet follows a pause of our audio. */
  #afterPause = true;

  private constructor(options: RtpPhoneOptions, sockets: UdpPair) {
    this.#options = options;
    this.#sockets = sockets;
    this.rtp = { host: options.host, port: sockets.rtp.address().port };
    this.rtcp = { host: options.host, port: sockets.rtcp.address().port };
    sockets.rtp.on('message', (data, from) => this.#receive(data, from));
    this.#reporter = new RtcpReporter(sockets.rtcp, `${randomBytes(6).toString('hex')}@phone`, () => ({
      ssrc: this.ssrc,
      rtpTimestamp: this.#timestamp,
      packets: this.#sentPackets,
      octets: this.#sentOctets,
    }));
    this.#pacer = new Pacer((deadlineMs) => this.#tick(deadlineMs));
  }

  /** Binds the sockets. The phone hears at once, and speaks when it has a peer and was told to talk. */
  static async open(options: RtpPhoneOptions): Promise<RtpPhone> {
    await loadCodec(options.codec);
    return new RtpPhone(
      options,
      await openUdpPair(options.host, options.srtp === 'dtls' ? 'active' : options.srtp),
    );
  }

  /** What our SDP says of it, for a phone with SRTP. */
  get crypto(): SdpSecurity | undefined {
    return this.#sockets.srtp?.describe();
  }

  get peer(): RtpPeer | undefined {
    return this.#peer;
  }

  /** RTCP that came in, in order of arrival. */
  get heardRtcp(): readonly HeardRtcp[] {
    return this.#reporter.heard;
  }

  get sentPackets(): number {
    return this.#sentPackets;
  }

  /** Sends to `peer` from the next packet on; `undefined`: sends nothing, while timestamps go on. */
  setPeer(peer: RtpPeer | undefined): void {
    this.#peer = peer;
    if (peer?.crypto !== undefined) this.#sockets.srtp?.agree(peer.crypto, peer.rtp);
    this.#reporter.setPeer(peer && (peer.rtcp ?? { host: peer.rtp.host, port: peer.rtp.port + 1 }));
    if (peer) this.heard.learnCodec(peer.audioPayloadType, peer.codec);
  }

  /** The next handshake of a phone with DTLS-SRTP is somebody else's. */
  forgeNextHandshake(forgery: DtlsForgery): void {
    forgeNextHandshake(this.#sockets.srtp, forgery);
  }

  startTalking(): void {
    this.#talking = true;
  }

  /** Stops sending altogether: from outside, the phone's media has died. */
  stopTalking(): void {
    this.#talking = false;
    this.#keypad.abandon(new Error('the phone stopped talking while a key was pressed'));
  }

  /** Presses a key after those still waiting; resolves when its pause is over too. Rejects if the phone is not talking. */
  async press(key: string, options: KeyPressOptions): Promise<PressedKey> {
    if (!this.#talking || this.#closed) throw new Error(`cannot press "${key}": call startTalking() first`);
    if (options.how !== 'inband' && this.#eventPayloadType() === undefined) {
      throw new Error(
        `cannot press "${key}" as an event: no telephone-event payload type was agreed with the peer`,
      );
    }
    return await this.#keypad.press(key, options);
  }

  /** One datagram to the peer's RTP port, as it is: what a phone sends that is broken, or not ours. */
  async sendAsIs(datagram: Uint8Array): Promise<void> {
    const peer = this.#peer;
    if (peer === undefined) throw new Error('the phone has no peer to send to');
    await new Promise<void>((resolve) =>
      this.#sockets.rtp.send(datagram, peer.rtp.port, peer.rtp.host, () => resolve()),
    );
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pacer.stop();
    this.#reporter.close();
    this.#spoken?.coder.free();
    this.#keypad.abandon(new Error('the phone was closed while a key was pressed'));
    this.#sockets.srtp?.close();
    this.#sockets.rtp.close();
    this.#sockets.rtcp.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** One packet interval. Media time passes whether or not anything is sent. */
  #tick(deadlineMs: number): void {
    if (this.#talking) this.#speak(deadlineMs);
    else this.#afterPause = true;
    this.#timestamp = (this.#timestamp + PACKET_MS * this.#ticksPerMs) >>> 0;
  }

  #speak(deadlineMs: number): void {
    const frame = new Int16Array(FRAME_SAMPLES);
    this.#options.talker.read(frame);
    const { events, eventOnly } = this.#keypad.tick(deadlineMs, this.#timestamp, frame, this.#ticksPerMs);
    const peer = this.#peer;
    const quiet = peer === undefined || (eventOnly && this.#options.audioDuringEvents !== true);
    for (const event of events) this.#sendEvent(event);
    if (quiet) {
      this.#afterPause = true;
      return;
    }
    this.sent.record(deadlineMs, frame);
    const payload = this.#coder(peer.codec).encode(frame);
    this.#send(peer.audioPayloadType, this.#timestamp, this.#afterPause, payload);
    this.#afterPause = false;
  }

  get #ticksPerMs(): number {
    return CODECS[this.#peer?.codec ?? this.#options.codec].ticksPerMs;
  }

  /** One stream in one codec goes on in one state. */
  #coder(codec: SpokenCodec): Coder {
    if (this.#spoken?.codec !== codec) {
      this.#spoken?.coder.free();
      this.#spoken = { codec, coder: coderOf(codec) };
    }
    return this.#spoken.coder;
  }

  #sendEvent(event: EventPacket): void {
    const payloadType = this.#eventPayloadType();
    if (payloadType !== undefined) this.#send(payloadType, event.timestamp, event.marker, event.payload);
  }

  #eventPayloadType(): number | undefined {
    return this.#peer?.eventPayloadType ?? this.#options.eventPayloadType;
  }

  #send(payloadType: number, timestamp: number, marker: boolean, payload: Uint8Array): void {
    if (this.#peer === undefined) return;
    const { ssrc } = this;
    const sequenceNumber = this.#sequenceNumber;
    const header = new RtpHeader({ payloadType, sequenceNumber, timestamp, ssrc, marker });
    const packet = new RtpPacket(header, Buffer.from(payload)).serialize();
    this.#sequenceNumber = (sequenceNumber + 1) & 0xffff;
    this.#sentPackets += 1;
    this.#sentOctets += payload.length;
    // A peer that is gone answers with ICMP at most; UDP media does not care.
    this.#sockets.rtp.send(packet, this.#peer.rtp.port, this.#peer.rtp.host, () => undefined);
  }

  #receive(data: Buffer, from: RemoteInfo): void {
    const packet = this.heard.receive(data, { host: from.address, port: from.port }, hostNowMs());
    if (packet === undefined) return;
    this.#reporter.packet(packet.ssrc, packet.sequenceNumber, packet.timestamp, packet.arrivalMs);
  }
}
