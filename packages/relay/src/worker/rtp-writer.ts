import { SAMPLES_PER_MS } from '@sordino/media';
import { RtpHeader, RtpPacket } from 'werift-rtp';
import { randomUint32 } from './random.ts';

/**
 * A stream that Sordino makes: own SSRC, own sequence, own timestamps, each beginning at a random value (RFC 3550 §5.1), and
 * nothing in the header but its twelve octets: no CSRC, no extension, no padding (rule 3). It outlives peers, codecs and the
 * sources it is fed from, so none of their changes shows in it.
 */
export class RtpWriter {
  readonly ssrc = randomUint32();
  readonly #header = new RtpHeader({ ssrc: this.ssrc });
  #nextSequence = randomUint32() & 0xffff;
  #nextTimestamp = randomUint32();
  #clockPerMs = SAMPLES_PER_MS;
  #lastMs: number | undefined;
  #packets = 0;
  #octets = 0;

  /** For sender reports: packets and payload octets since the stream began (RFC 3550 §6.4.1). */
  get packets(): number {
    return this.#packets;
  }
  get octets(): number {
    return this.#octets;
  }
  /** Sequence of the next packet in order. */
  get nextSequence(): number {
    return this.#nextSequence;
  }
  /** Timestamp of the first sample after the last packet. */
  get nextTimestamp(): number {
    return this.#nextTimestamp;
  }
  get lastMs(): number | undefined {
    return this.#lastMs;
  }

  /** The RTP clock of the codec that is sent from now on. The timestamps go on from where they are. */
  useClock(rateHz: number): void {
    this.#clockPerMs = rateHz / 1_000;
  }

  /** The next packet in order. `duration` is its length in timestamps: one for each octet of G.711. */
  next(
    payloadType: number,
    marker: boolean,
    payload: Uint8Array,
    nowMs: number,
    duration = payload.length,
  ): Buffer {
    return this.at(this.#nextSequence, this.#nextTimestamp, payloadType, marker, payload, nowMs, duration);
  }

  /** A packet at a position that the caller chose, in order or late; positions after it follow from the furthest one. */
  at(
    sequence: number,
    timestamp: number,
    payloadType: number,
    marker: boolean,
    payload: Uint8Array,
    nowMs: number,
    duration = payload.length,
  ): Buffer {
    const header = this.#header;
    header.payloadType = payloadType;
    header.marker = marker;
    header.sequenceNumber = sequence;
    header.timestamp = timestamp;
    // `serialize` copies the payload into a buffer of its own, so the reused one may change while the send is queued.
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const packet = new RtpPacket(header, bytes).serialize();
    if (((sequence - this.#nextSequence) & 0xffff) < 0x8000) {
      this.#nextSequence = (sequence + 1) & 0xffff;
      this.#nextTimestamp = (timestamp + duration) >>> 0;
      this.#lastMs = nowMs;
    }
    this.#packets += 1;
    this.#octets += payload.length;
    return packet;
  }

  /** A frame that existed but was not sent (the peer is on hold): its time passes, its sequence number does not. */
  passOver(duration: number): void {
    this.#nextTimestamp = (this.#nextTimestamp + duration) >>> 0;
  }

  /**
   * The source paused: timestamps follow the clock, in whole frames, so that the listener's play-out neither runs dry nor
   * piles up; the sequence goes on, for nothing was lost (RFC 3550 §5.1).
   */
  skipPause(frameDuration: number, nowMs: number): void {
    if (this.#lastMs === undefined) return;
    const framesMissed = Math.floor(((nowMs - this.#lastMs) * this.#clockPerMs) / frameDuration) - 1;
    if (framesMissed > 0) this.passOver(framesMissed * frameDuration);
  }

  /** The RTP time of `nowMs`, for a sender report. */
  timestampAt(nowMs: number): number {
    const elapsedMs = this.#lastMs === undefined ? 0 : nowMs - this.#lastMs;
    return (this.#nextTimestamp + Math.round(elapsedMs * this.#clockPerMs)) >>> 0;
  }
}
