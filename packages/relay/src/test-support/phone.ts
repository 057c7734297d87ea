import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { AudioCodec, HostPort, MediaDescription } from '@sordino/interception';
import { payloadTicks, timestampsPerTick } from '@sordino/media';
import { RtpPacket } from 'werift-rtp';
import type { PhoneSrtp } from './phone-srtp.ts';

export interface HeardPacket {
  readonly packet: RtpPacket;
  readonly raw: Buffer;
  readonly atMs: number;
  readonly from: RemoteInfo;
}

export interface RtpFieldsToSend {
  readonly payloadType?: number;
  readonly marker?: boolean;
  readonly sequence?: number;
  readonly timestamp?: number;
  readonly ssrc?: number;
}

export const PAYLOAD_TYPES: Readonly<Record<AudioCodec, number>> = {
  PCMU: 0,
  PCMA: 8,
  G722: 9,
  'L16/8000': 107,
  'L16/16000': 108,
  opus: 111,
};

/** A raw RTP phone on two real sockets: it sends what it is told, also nonsense, and keeps all it hears. */
export class TestPhone {
  readonly heard: HeardPacket[] = [];
  readonly heardRtcp: Buffer[] = [];
  /** Packets that `send` sent. */
  sent = 0;
  /** What this phone speaks SRTP with. */
  srtp: PhoneSrtp | undefined;
  /** Packets that its keys did not open. */
  notOpened = 0;
  /** Takes what is neither RTP nor RTCP: true, and nobody else looks at it. */
  takes: (raw: Buffer) => boolean = () => false;
  ssrc = 0x1234_0000 + Math.floor(Math.random() * 0xffff);
  sequence = 65_530;
  timestamp = 0xffff_ff00;
  payloadType: number;
  readonly codec: AudioCodec;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly #watchers = new Set<() => void>();

  private constructor(rtp: Socket, rtcp: Socket, codec: AudioCodec) {
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.codec = codec;
    this.payloadType = PAYLOAD_TYPES[codec];
    rtp.on('message', (raw, from) => {
      if (!this.takes(raw)) this.#hear(raw, from);
      for (const watch of this.#watchers) watch();
    });
    rtcp.on('message', (raw) => {
      const plain = this.srtp === undefined ? raw : this.srtp.openRtcp(raw);
      if (plain === undefined) this.notOpened += 1;
      else this.heardRtcp.push(plain);
      for (const watch of this.#watchers) watch();
    });
  }

  #hear(raw: Buffer, from: RemoteInfo): void {
    const plain = this.srtp === undefined ? raw : this.srtp.openRtp(raw);
    if (plain === undefined) this.notOpened += 1;
    else this.heard.push({ packet: RtpPacket.deSerialize(plain), raw, atMs: performance.now(), from });
  }

  /** `host` is any address of 127/8, or `::1`. */
  static async open(codec: AudioCodec = 'PCMU', host = '127.0.0.1'): Promise<TestPhone> {
    const kind = isIPv6(host) ? 'udp6' : 'udp4';
    const [rtp, rtcp] = [createSocket(kind), createSocket(kind)];
    for (const socket of [rtp, rtcp]) {
      socket.bind(0, host);
      await once(socket, 'listening');
    }
    return new TestPhone(rtp, rtcp, codec);
  }

  get rtp(): HostPort {
    return hostPortOf(this.#rtp);
  }
  get rtcp(): HostPort {
    return hostPortOf(this.#rtcp);
  }

  describe(changes: Partial<MediaDescription> = {}): MediaDescription {
    return {
      rtp: this.rtp,
      rtcp: this.rtcp,
      codec: this.codec,
      audioPayloadType: this.payloadType,
      eventPayloadType: undefined,
      packetTimeMs: 20,
      direction: 'sendrecv',
      ...changes,
    };
  }

  sendRaw(to: HostPort, bytes: Uint8Array): void {
    this.#rtp.send(bytes, to.port, to.host);
  }

  sendRtcp(to: HostPort, bytes: Uint8Array): void {
    const packet = this.srtp?.sealRtcp(Buffer.from(bytes)) ?? bytes;
    this.#rtcp.send(packet, to.port, to.host);
  }

  /** One packet; sequence and timestamp go on by themselves unless they are given. */
  send(to: HostPort, payload: Uint8Array, fields: RtpFieldsToSend = {}): void {
    const packet = this.packet(payload, fields);
    this.sendRaw(to, this.srtp?.sealRtp(packet) ?? packet);
    this.sent += 1;
    if (fields.sequence === undefined) this.sequence = (this.sequence + 1) & 0xffff;
    if (fields.timestamp === undefined) this.timestamp = (this.timestamp + this.#durationOf(payload)) >>> 0;
  }

  #durationOf(payload: Uint8Array): number {
    const ticks = payloadTicks(this.codec, payload, payload.length) || payload.length;
    return ticks * timestampsPerTick(this.codec);
  }

  packet(payload: Uint8Array, fields: RtpFieldsToSend = {}): Buffer {
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (fields.payloadType ?? this.payloadType) | (fields.marker ? 0x80 : 0);
    header.writeUInt16BE(fields.sequence ?? this.sequence, 2);
    header.writeUInt32BE(fields.timestamp ?? this.timestamp, 4);
    header.writeUInt32BE(fields.ssrc ?? this.ssrc, 8);
    return Buffer.concat([header, payload]);
  }

  /** Frames of 20 ms in real time, at absolute deadlines. */
  async talk(to: HostPort, frames: number, frame: (index: number) => Uint8Array = voice): Promise<void> {
    const startedMs = performance.now();
    for (let index = 0; index < frames; index += 1) {
      this.send(to, frame(index));
      const dueMs = startedMs + (index + 1) * 20;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    }
  }

  /**
   * Talks in real time until `holds` does: on a busy machine some frames come too late to be relayed, so the count of
   * frames that arrive is never the count of those that were sent.
   */
  async talkUntil(
    to: HostPort,
    holds: () => boolean,
    frame: (index: number) => Uint8Array = voice,
  ): Promise<void> {
    for (let index = 0; !holds(); index += 1) await this.talk(to, 1, () => frame(index));
  }

  /** Resolves when `holds` does; looked at after each packet that comes in. The test's own timeout ends a vain wait. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const watch = (): void => {
        if (!holds()) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
    });
  }

  /** Packets whose payload holds audio that some phone sent, not the relay's own noise. */
  audioHeard(): HeardPacket[] {
    return this.heard.filter(({ packet }) => packet.payload.some(isVoice));
  }

  async close(): Promise<void> {
    for (const socket of [this.#rtp, this.#rtcp]) {
      socket.close();
      await once(socket, 'close');
    }
  }
}

function hostPortOf(socket: Socket): HostPort {
  const { address, port } = socket.address();
  return { host: address, port };
}

/** A loud sawtooth of 100 Hz in u-law codes: no key, and no noise of ours has codes this loud. */
export function voice(): Uint8Array {
  return Uint8Array.from({ length: 160 }, (_, sample) => 0x90 + ((sample % 80) >> 2));
}

const isVoice = (code: number): boolean => (code & 0x7f) >= 0x10 && (code & 0x7f) < 0x28;
