/** RFC 3550 §5.1: the fixed header is 12 octets. */
const RTP_HEADER_BYTES = 12;
const RTP_VERSION = 2;
/** The least that a timestamp advances where two sources meet. */
const PACKET_MS = 20;
const SEQUENCE_MODULUS = 0x1_0000;
const TIMESTAMP_MODULUS = 0x1_0000_0000;

/** The fields that a media anchor looks at, or undefined for what is not RTP. */
export function readRtpHeader(
  packet: Uint8Array,
): { payloadType: number; marker: boolean; sequence: number; timestamp: number; ssrc: number } | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (packet.length < RTP_HEADER_BYTES || view.getUint8(0) >> 6 !== RTP_VERSION) return undefined;
  const second = view.getUint8(1);
  return {
    payloadType: second & 0x7f,
    marker: second >= 0x80,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
  };
}

/**
 * What an anchor sends towards one party: one stream with its own SSRC that never breaks, whatever source feeds it. Packets of one
 * source keep their distances (so that loss and jitter stay visible); where another source takes over, numbering goes on.
 */
export class ContinuousStream {
  readonly ssrc: number;
  /** Of the clock of what is spoken. */
  ticksPerMs = 8;
  #source: string | undefined;
  #sequenceShift = 0;
  #timestampShift = 0;
  #highestSequence: number;
  readonly #firstTimestamp: number;
  #firstSentAtMs = 0;
  #lastTimestamp: number;
  #packets = 0;
  #octets = 0;

  /** First sequence number and timestamp, like the SSRC, are the caller's random choice (RFC 3550 §5.1). */
  constructor(start: { readonly ssrc: number; readonly sequence: number; readonly timestamp: number }) {
    this.ssrc = start.ssrc;
    this.#highestSequence = (start.sequence - 1) & 0xffff;
    this.#firstTimestamp = start.timestamp;
    this.#lastTimestamp = start.timestamp;
  }

  /** For the sender report. */
  sender(nowMs: number): { ssrc: number; packets: number; octets: number; rtpTimestamp: number } {
    const rtpTimestamp = this.#packets === 0 ? this.#firstTimestamp : this.#clockTimestamp(nowMs);
    return { ssrc: this.ssrc, packets: this.#packets, octets: this.#octets, rtpTimestamp };
  }

  /** A copy of `packet`, renumbered into this stream; undefined when it is not RTP. `payloadType` as this party knows it. */
  take(packet: Uint8Array, source: string, payloadType: number, nowMs: number): Uint8Array | undefined {
    const header = readRtpHeader(packet);
    if (!header) return undefined;
    const sourceId = `${source} ${header.ssrc}`;
    const joined = this.#source !== sourceId;
    if (joined) this.#join(sourceId, header, nowMs);

    const sequence = (header.sequence + this.#sequenceShift) & 0xffff;
    const timestamp = (header.timestamp + this.#timestampShift) % TIMESTAMP_MODULUS;
    const out = Uint8Array.from(packet);
    const view = new DataView(out.buffer);
    // RFC 3551 §4.1: the marker says that a talkspurt begins, so that the jitter buffer may adapt at the seam.
    view.setUint8(1, payloadType | (header.marker || joined ? 0x80 : 0));
    view.setUint16(2, sequence);
    view.setUint32(4, timestamp);
    view.setUint32(8, this.ssrc);

    const ahead = (sequence - this.#highestSequence + SEQUENCE_MODULUS) % SEQUENCE_MODULUS;
    if (ahead < SEQUENCE_MODULUS / 2) {
      this.#highestSequence = sequence;
      this.#lastTimestamp = timestamp;
      this.#tightenClock(timestamp, nowMs);
    }
    this.#packets += 1;
    this.#octets += packet.length - RTP_HEADER_BYTES;
    return out;
  }

  /**
   * Sequence goes on by one, and the timestamp to where the clock stands, so that a gap is heard as the gap it was; but never less
   * than one packet, since the last one is still being played.
   */
  #join(
    sourceId: string,
    first: { readonly sequence: number; readonly timestamp: number },
    nowMs: number,
  ): void {
    const isFirst = this.#packets === 0;
    if (isFirst) this.#firstSentAtMs = nowMs;
    // Signed difference: both wrap at 32 bits.
    const behindClock = (this.#clockTimestamp(nowMs) - this.#lastTimestamp) | 0;
    const start = isFirst
      ? this.#firstTimestamp
      : this.#lastTimestamp + Math.max(PACKET_MS * this.ticksPerMs, behindClock);
    this.#source = sourceId;
    this.#sequenceShift = this.#highestSequence + 1 - first.sequence + SEQUENCE_MODULUS;
    this.#timestampShift = (start - first.timestamp + TIMESTAMP_MODULUS) % TIMESTAMP_MODULUS;
  }

  /** The clock runs with the fastest packet so far: a first one that was held up must not make all that follow look early. */
  #tightenClock(timestamp: number, nowMs: number): void {
    const aheadOfClock = (timestamp - this.#clockTimestamp(nowMs)) | 0;
    if (aheadOfClock > 0) this.#firstSentAtMs -= aheadOfClock / this.ticksPerMs;
  }

  #clockTimestamp(nowMs: number): number {
    const ticks = Math.round((nowMs - this.#firstSentAtMs) * this.ticksPerMs);
    return (this.#firstTimestamp + ticks) % TIMESTAMP_MODULUS;
  }
}
