import { RTP_HEADER_BYTES, SAMPLES_PER_MS } from '@sordino/media';
import { randomUint32 } from './random.ts';

/** 60 ms of L16 at 16 kHz fit. */
const PACKET_BYTES_MAX = 2_048;

/** The packet that is being written, of whichever stream: what is sent is copied on its way out, and some hundred streams share these cache lines. */
const inHand = Buffer.alloc(PACKET_BYTES_MAX);
let packetInHand = inHand.subarray(0, 0);

/**
 * A stream that Sordino makes: own SSRC, own sequence, own timestamps, each beginning at a random value (RFC 3550 §5.1), and
 * nothing in the header but its twelve octets: no CSRC, no extension, no padding (rule 3). It outlives peers, codecs and the
 * sources it is fed from, so none of their changes shows in it.
 */
export class RtpWriter {
  readonly ssrc = randomUint32();
  #nextSequence = randomUint32() & 0xffff;
  /** As signed numbers, both: unsigned ones would be objects beside this one for every second stream. */
  readonly #ssrcBits = this.ssrc | 0;
  #nextTimestamp = randomUint32() | 0;
  #clockPerMs = SAMPLES_PER_MS;
  /** NaN until something is sent: a field that is not always a number costs an object for each packet. */
  #lastMs = Number.NaN;
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
    return this.#nextTimestamp >>> 0;
  }
  get lastMs(): number | undefined {
    return Number.isNaN(this.#lastMs) ? undefined : this.#lastMs;
  }

  /** The RTP clock of the codec that is sent from now on. The timestamps go on from where they are. */
  useClock(rateHz: number): void {
    this.#clockPerMs = rateHz / 1_000;
  }

  /** The next packet in order, valid until the next one of any stream is made. `duration` is its length in timestamps: one for each octet of G.711. */
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
    const packet = this.#write(sequence, timestamp, payloadType, marker, payload);
    if (((sequence - this.#nextSequence) & 0xffff) < 0x8000) {
      this.#nextSequence = (sequence + 1) & 0xffff;
      this.#nextTimestamp = (timestamp + duration) | 0;
      this.#lastMs = nowMs;
    }
    this.#packets += 1;
    this.#octets += payload.length;
    return packet;
  }

  /** A frame that existed but was not sent (the peer is on hold): its time passes, its sequence number does not. */
  passOver(duration: number): void {
    this.#nextTimestamp = (this.#nextTimestamp + duration) | 0;
  }

  /**
   * The source paused: timestamps follow the clock, in whole frames, so that the listener's play-out neither runs dry nor
   * piles up; the sequence goes on, for nothing was lost (RFC 3550 §5.1).
   */
  skipPause(frameDuration: number, nowMs: number): void {
    if (Number.isNaN(this.#lastMs)) return;
    const framesMissed = Math.floor(((nowMs - this.#lastMs) * this.#clockPerMs) / frameDuration) - 1;
    if (framesMissed > 0) this.passOver(framesMissed * frameDuration);
  }

  /** The RTP time of `nowMs`, for a sender report. */
  timestampAt(nowMs: number): number {
    const elapsedMs = Number.isNaN(this.#lastMs) ? 0 : nowMs - this.#lastMs;
    return (this.#nextTimestamp + Math.round(elapsedMs * this.#clockPerMs)) >>> 0;
  }

  /** RFC 3550 §5.1: version 2 and nothing else in the first octet. */
  #write(
    sequence: number,
    timestamp: number,
    payloadType: number,
    marker: boolean,
    payload: Uint8Array,
  ): Buffer {
    const bytes = inHand;
    bytes[0] = 0x80;
    bytes[1] = (marker ? 0x80 : 0) | payloadType;
    bytes[2] = sequence >> 8;
    bytes[3] = sequence;
    writeUint32(bytes, 4, timestamp);
    writeUint32(bytes, 8, this.#ssrcBits);
    bytes.set(payload, RTP_HEADER_BYTES);
    const length = RTP_HEADER_BYTES + payload.length;
    if (packetInHand.length !== length) packetInHand = bytes.subarray(0, length);
    return packetInHand;
  }
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
