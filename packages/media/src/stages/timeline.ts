import { timestampDistance } from '../rtp/wraparound.ts';
import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import { SAMPLES_PER_MS } from '../tones/level.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import type { HopDecoder } from './decode.ts';

/** The output never runs further ahead of its clock than this; a faster sender, or a burst after a stall, loses the rest. */
export const AHEAD_MAX_MS = 60;
/** A packet may be this late before replacement goes out for it: one packet time of 20 ms and the jitter of a good network. */
export const GRACE_MS = 25;
/**
 * A packet late by no more than this is jitter: it is played after the replacement that went out for it, and the lead
 * that the stream gains over its clock spares the next one. Later ones are dropped, except when three come in a row:
 * that is a longer path.
 */
const STRETCH_MAX_SAMPLES = AHEAD_MAX_MS * SAMPLES_PER_MS;
const LATE_RUN_MAX = 3;
/** Further back than this is a jump of the sender's timestamps, not lateness. */
const LATE_MAX_SAMPLES = 1000 * SAMPLES_PER_MS;
/** An event's timestamp further from the audio's than this has nothing to do with it; the event counts from its arrival. */
const EVENT_SKEW_MAX_SAMPLES = 500 * SAMPLES_PER_MS;

/**
 * Gives every packet its place in the stream that goes out. The place comes from the packet's timestamp, as long as
 * that is plausible by the clock; whatever the sender's SSRC, sequence or timestamps do, the stream has no seam.
 */
export class Timeline {
  readonly name = 'timeline';
  readonly #decoder: HopDecoder;
  readonly #clock: ArrivalClock;
  #mapped = false;
  #timestamp = 0;
  #position = 0;
  #lateRun = 0;
  /** What came last was too much, and dropped. */
  #isDropping = false;
  #packetSamples: number;

  constructor(decoder: HopDecoder, clock: ArrivalClock, packetSamples: number) {
    this.#decoder = decoder;
    this.#clock = clock;
    this.#packetSamples = packetSamples;
  }

  /** Length of the sender's last packet, in ticks. */
  get packetSamples(): number {
    return this.#packetSamples;
  }

  /** Stream position of a timestamp, `undefined` when there is nothing to compare it with. */
  positionOf(timestamp: number): number | undefined {
    if (!this.#mapped) return undefined;
    const distance = timestampDistance(this.#timestamp, timestamp);
    return this.#position + Math.round(distance / this.#decoder.timestampsPerTick);
  }

  /** Stream position of an event's timestamp: trusted only near the audio's. */
  eventPositionOf(timestamp: number): number {
    const written = this.#decoder.position;
    const position = this.positionOf(timestamp) ?? written;
    return Math.abs(position - written) > EVENT_SKEW_MAX_SAMPLES ? written : position;
  }

  /** False: the payload is not of the customer's codec, or could not be decoded. */
  audio(payload: Uint8Array, octets: number, timestamp: number, newStream: boolean, nowMs: number): boolean {
    const length = this.#decoder.ticksOf(payload, octets);
    if (length === 0) return false;
    const after = timestamp + length * this.#decoder.timestampsPerTick;
    this.#packetSamples = length;
    const written = this.#decoder.position;
    let position = (newStream ? undefined : this.positionOf(timestamp)) ?? written;
    if (position + length <= written) {
      this.#lateRun += 1;
      const late = written - position;
      if (late > STRETCH_MAX_SAMPLES && late < LATE_MAX_SAMPLES && this.#lateRun < LATE_RUN_MAX) return true;
      position = written;
    } else if (this.#isAhead(position + length, nowMs)) {
      position = written;
    }
    this.#lateRun = 0;
    if (this.#isAhead(position + length, nowMs)) {
      // A key may be cut in two here: whoever listens has to know, as of a loss.
      if (!this.#isDropping) this.#decoder.missing(HOP_SAMPLES);
      this.#isDropping = true;
      this.#map(after, this.#decoder.position);
      return true;
    }
    this.#isDropping = false;
    if (position > written) this.#decoder.missing(position - written);
    const decoded = this.#decoder.samples(payload, octets, Math.max(0, written - position));
    this.#map(after, position + length);
    this.#clock.observe(position + length, nowMs);
    return decoded;
  }

  /** The RTP clock changed: what comes next has nothing to be compared with. */
  newClock(): void {
    this.#mapped = false;
  }

  wipe(): void {
    this.#mapped = false;
    this.#timestamp = 0;
    this.#position = 0;
    this.#lateRun = 0;
    this.#isDropping = false;
  }

  #isAhead(end: number, nowMs: number): boolean {
    return this.#clock.dueMs(end) - nowMs > AHEAD_MAX_MS;
  }

  #map(timestamp: number, position: number): void {
    this.#mapped = true;
    this.#timestamp = timestamp >>> 0;
    this.#position = position;
  }
}
