import { RtpPacket } from 'werift-rtp';
import { CODECS, SPOKEN_CODECS, type SpokenCodec } from '../audio/codec.ts';
import type { TimedAudio } from '../audio/timed-audio.ts';
import { type AudioArrival, playout } from './playout.ts';
import type { HostPort } from './udp-pair.ts';

/** One RTP packet as it arrived, whoever sent it. `timestamp` is in ticks of the codec's clock, `sizeBytes` is the UDP payload. */
export interface HeardPacket {
  readonly arrivalMs: number;
  readonly source: HostPort;
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly sizeBytes: number;
  readonly payload: Uint8Array;
}

/** Ten minutes at 50 packets a second, and as many again for telephone events and old paths: 14 MB. */
export const HEARD_PACKETS_MAX = 60_000;

/** By the payload types that the simulated world uses. */
const USUAL: Readonly<Record<number, SpokenCodec>> = Object.fromEntries(
  SPOKEN_CODECS.map((codec) => [CODECS[codec].payloadType, codec]),
);

/** All that reached a phone's RTP port, and what a person would have heard of it. */
export class HeardAudio {
  readonly #packets: HeardPacket[] = [];
  readonly #codecs = new Map<number, SpokenCodec>();
  #malformed = 0;
  #beyondLimit = 0;

  /** Packets in order of arrival. */
  get packets(): readonly HeardPacket[] {
    return this.#packets;
  }

  /** Datagrams that were no RTP. */
  get malformed(): number {
    return this.#malformed;
  }

  /** Packets that came when the recording was full; 0 in a sound test. */
  get beyondLimit(): number {
    return this.#beyondLimit;
  }

  /** Called by the phone: audio of this payload type is of this codec (what phones here use of their own need not be said). */
  learnCodec(payloadType: number, codec: SpokenCodec): void {
    this.#codecs.set(payloadType, codec);
  }

  /** Takes one datagram; `undefined` when it was no RTP. */
  receive(datagram: Uint8Array, source: HostPort, arrivalMs: number): HeardPacket | undefined {
    const packet = readPacket(datagram, source, arrivalMs);
    if (packet === undefined) this.#malformed += 1;
    else if (this.#packets.length < HEARD_PACKETS_MAX) this.#packets.push(packet);
    else this.#beyondLimit += 1;
    return packet;
  }

  /** What was played, on the host's clock; of a long call, the part that arrived from `fromMs` to `toMs`. */
  timeline(fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY): TimedAudio {
    const arrivals = this.#packets.flatMap((packet): AudioArrival[] => {
      const codec = this.#codecs.get(packet.payloadType) ?? USUAL[packet.payloadType];
      const inside = packet.arrivalMs >= fromMs && packet.arrivalMs <= toMs;
      return codec !== undefined && inside ? [{ ...packet, codec }] : [];
    });
    return playout(arrivals);
  }
}

function readPacket(datagram: Uint8Array, source: HostPort, arrivalMs: number): HeardPacket | undefined {
  try {
    const { header, payload } = RtpPacket.deSerialize(Buffer.from(datagram));
    if (header.version !== 2) return undefined;
    const { payloadType, sequenceNumber, timestamp, ssrc, marker } = header;
    return {
      arrivalMs,
      source,
      payloadType,
      sequenceNumber,
      timestamp,
      ssrc,
      marker,
      sizeBytes: datagram.length,
      // A copy: Node reuses the pool behind received buffers only after they are dropped, and we keep them.
      payload: Uint8Array.from(payload),
    };
  } catch {
    return undefined;
  }
}
