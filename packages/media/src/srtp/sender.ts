import { readUint16, readUint32 } from './bytes.ts';
import { createProtections, type Protections } from './create-protection.ts';
import { nearestIndex, PacketStreams } from './packet-streams.ts';
import { RTCP_CLEAR_BYTES } from './protection.ts';
import { RTCP_SSRC_AT, RTP_SSRC_AT, rtpBodyOffset, SEQUENCE_AT } from './rtp-body.ts';
import { type CreateAes, DROPPED, type SrtpKeys, type SrtpSender } from './srtp.ts';

/** RFC 3711 §9.2: a master key serves at most 2^48 SRTP and 2^31 SRTCP packets; then the index would begin again. */
const RTP_INDEXES = 2 ** 48;
const RTCP_INDEXES = 2 ** 31;

/** Throws a RangeError when key or salt are not of the suite's length. */
export function createSrtpSender(keys: SrtpKeys, createAes: CreateAes): SrtpSender {
  return new Sender(keys, createAes);
}

class Sender implements SrtpSender {
  readonly #createAes: CreateAes;
  #protections: Protections;
  #streams = new PacketStreams();
  /** The streams under the key before: where their rollover counters go on. */
  #before: PacketStreams | undefined;
  #rtcpIndex = 0;
  #isWiped = false;

  constructor(keys: SrtpKeys, createAes: CreateAes) {
    this.#createAes = createAes;
    this.#protections = createProtections(keys, createAes);
  }

  protectRtp(packet: Uint8Array, length: number): number {
    const { rtp } = this.#protections;
    const body = rtpBodyOffset(packet, length);
    if (this.#isWiped || body < 0 || length + rtp.tagBytes > packet.length) return DROPPED;
    const ssrc = readUint32(packet, RTP_SSRC_AT);
    const sequence = readUint16(packet, SEQUENCE_AT);
    const index = this.#take(ssrc, sequence);
    if (index < 0) return DROPPED;
    rtp.seal(packet, body, length, ssrc, index);
    return length + rtp.tagBytes;
  }

  protectRtcp(packet: Uint8Array, length: number): number {
    const { rtcp } = this.#protections;
    const isUsable = length >= RTCP_CLEAR_BYTES && length + rtcp.trailerBytes <= packet.length;
    if (this.#isWiped || !isUsable || this.#rtcpIndex >= RTCP_INDEXES) return DROPPED;
    rtcp.seal(packet, length, readUint32(packet, RTCP_SSRC_AT), this.#rtcpIndex++);
    return length + rtcp.trailerBytes;
  }

  rekey(keys: SrtpKeys): void {
    if (this.#isWiped) return;
    const protections = createProtections(keys, this.#createAes);
    this.#wipeProtections();
    this.#protections = protections;
    this.#before = this.#streams;
    this.#streams = new PacketStreams();
  }

  wipe(): void {
    this.#isWiped = true;
    this.#wipeProtections();
  }

  /** The index of a packet that is to be sent, marked as used; -1 when it must not be. */
  #take(ssrc: number, sequence: number): number {
    const streams = this.#streams;
    const stream = streams.find(ssrc);
    if (stream >= 0) {
      const index = nearestIndex(streams.highest(stream), sequence);
      if (index < 0 || index >= RTP_INDEXES || streams.isUsed(stream, index)) return -1;
      streams.use(stream, index);
      return index;
    }
    if (streams.isFull) return -1;
    const stood = this.#before?.find(ssrc) ?? -1;
    const index =
      this.#before === undefined || stood < 0
        ? sequence
        : nearestIndex(this.#before.highest(stood), sequence);
    if (index < 0 || index >= RTP_INDEXES) return -1;
    streams.begin(ssrc, index);
    return index;
  }

  #wipeProtections(): void {
    this.#protections.rtp.wipe();
    this.#protections.rtcp.wipe();
  }
}
