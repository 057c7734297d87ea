import { readUint16, readUint32 } from './bytes.ts';
import { createProtections, type Protections } from './create-protection.ts';
import { HALF, nearestIndex, PacketStreams, ROLLOVER } from './packet-streams.ts';
import { RTCP_CLEAR_BYTES, RTCP_ENCRYPTED } from './protection.ts';
import { RTCP_SSRC_AT, RTP_SSRC_AT, rtpBodyOffset, SEQUENCE_AT } from './rtp-body.ts';
import type { CreateAes, SrtpKeys } from './srtp.ts';

/** Why a packet was not opened, where a length would stand. */
export const MALFORMED = -1;
const UNAUTHENTIC = -2;
export const REPLAYED = -3;

/** One master key of a peer and the streams under it. */
export class ReceivingContext {
  readonly #protections: Protections;
  readonly #rtpStreams = new PacketStreams();
  readonly #rtcpStreams = new PacketStreams();
  #heard = 0;

  constructor(keys: SrtpKeys, createAes: CreateAes) {
    this.#protections = createProtections(keys, createAes);
  }

  /** Authentic packets so far. */
  get heard(): number {
    return this.#heard;
  }

  /** The highest index of a stream, or -1. */
  highestIndex(ssrc: number): number {
    const stream = this.#rtpStreams.find(ssrc);
    return stream < 0 ? -1 : this.#rtpStreams.highest(stream);
  }

  /** `before`: where a stream that is new under this key stood under the one before, or -1. */
  openRtp(packet: Uint8Array, length: number, before: (ssrc: number) => number): number {
    const { rtp } = this.#protections;
    const end = length - rtp.tagBytes;
    const body = rtpBodyOffset(packet, end);
    if (body < 0 || length > packet.length) return MALFORMED;
    const ssrc = readUint32(packet, RTP_SSRC_AT);
    const sequence = readUint16(packet, SEQUENCE_AT);
    const streams = this.#rtpStreams;
    const stream = streams.find(ssrc);
    if (stream < 0) return this.#openFirst(packet, body, end, ssrc, sequence, before(ssrc));

    const index = nearestIndex(streams.highest(stream), sequence);
    if (index < 0 || streams.isUsed(stream, index)) return REPLAYED;
    if (!rtp.open(packet, body, end, ssrc, index)) return UNAUTHENTIC;
    streams.use(stream, index);
    this.#heard += 1;
    return end;
  }

  openRtcp(packet: Uint8Array, length: number): number {
    const { rtcp } = this.#protections;
    const end = length - rtcp.trailerBytes;
    if (end < RTCP_CLEAR_BYTES || length > packet.length) return MALFORMED;
    const word = rtcp.indexWord(packet, end);
    if (word < RTCP_ENCRYPTED) return MALFORMED;
    const index = word - RTCP_ENCRYPTED;
    const ssrc = readUint32(packet, RTCP_SSRC_AT);
    const streams = this.#rtcpStreams;
    const stream = streams.find(ssrc);
    if (stream < 0 && streams.isFull) return MALFORMED;
    if (stream >= 0 && streams.isUsed(stream, index)) return REPLAYED;
    if (!rtcp.open(packet, end, ssrc, index)) return UNAUTHENTIC;
    if (stream >= 0) streams.use(stream, index);
    else streams.begin(ssrc, index);
    return end;
  }

  wipe(): void {
    this.#protections.rtp.wipe();
    this.#protections.rtcp.wipe();
  }

  /**
   * The first packet of a stream. After new keys its rollover counter goes on (RFC 3711 §3.3.1), or begins at zero (RFC 4568
   * §7.1.4 for a peer that moved, and many always). It is one where a peer began its sequence in the upper half, against
   * RFC 4568 §6.4, and what came before the wrap was lost, or is late. Which one, its tag says.
   */
  #openFirst(
    packet: Uint8Array,
    body: number,
    end: number,
    ssrc: number,
    sequence: number,
    stood: number,
  ): number {
    if (this.#rtpStreams.isFull) return MALFORMED;
    const { rtp } = this.#protections;
    const continued = stood < 0 ? -1 : nearestIndex(stood, sequence);
    const wrapped = sequence < HALF ? sequence + ROLLOVER : -1;
    let index = -1;
    if (continued >= 0 && rtp.open(packet, body, end, ssrc, continued)) index = continued;
    else if (continued !== sequence && rtp.open(packet, body, end, ssrc, sequence)) index = sequence;
    else if (wrapped >= 0 && rtp.open(packet, body, end, ssrc, wrapped)) index = wrapped;
    if (index < 0) return UNAUTHENTIC;
    this.#rtpStreams.begin(ssrc, index);
    this.#heard += 1;
    return end;
  }
}
