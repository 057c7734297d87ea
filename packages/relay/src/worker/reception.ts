import { SAMPLES_PER_MS } from '@sordino/media';

/** RFC 3550 A.1: a larger step forward is a restarted stream, not loss. */
const DROPOUT_MAX = 3_000;
/** RFC 3550 A.1: as far as this a packet may be late. */
const MISORDER_MAX = 100;

/** RFC 3550 A.8: jitter is kept in sixteenths. */
const JITTER_SCALE = 16;
/** Ticks, 20 minutes at 48 kHz: an impossible timestamp must not run over what is kept in sixteenths. */
const DIFFERENCE_MAX = 0x3ff_ffff;

/** Loss is 24 bits with a sign (RFC 3550 §6.4.1). */
const LOST_MAX = 0x7f_ffff;

/** What a report block says about a stream (RFC 3550 §6.4.1); `jitterTicks` rounded down as the RFC asks. */
export interface ReceptionReport {
  readonly fractionLost: number;
  /** Negative when more packets came than were sent: doubles (RFC 3550 A.3). */
  readonly cumulativeLost: number;
  readonly highestSequence: number;
  readonly jitterTicks: number;
}

/** Counts one received stream as RFC 3550 A.1, A.3 and A.8 say. Totals go on over restarts of the stream. */
export class Reception {
  #started = false;
  #baseSequence = 0;
  #maxSequence = 0;
  #cycles = 0;
  #received = 0;
  #earlierLost = 0;
  #packets = 0;
  #priorExpected = 0;
  #priorReceived = 0;
  #clockPerMs = SAMPLES_PER_MS;
  #transitTicks: number | undefined;
  /** In sixteenths of a tick and whole, as RFC 3550 A.8 scales it: a fraction would be an object beside this one. */
  #jitter = 0;
  #jitterPeak = 0;

  /** Packets of all streams. */
  get packets(): number {
    return this.#packets;
  }

  /** Packets lost, over all streams; late and doubled packets count against it, but never below zero. */
  get lost(): number {
    return this.#earlierLost + Math.max(0, this.#expected() - this.#received);
  }

  get jitterMs(): number {
    return this.#jitter / JITTER_SCALE / this.#clockPerMs;
  }

  /** The highest jitter since it was last asked for. */
  takeJitterPeakMs(): number {
    const peakMs = this.#jitterPeak / JITTER_SCALE / this.#clockPerMs;
    this.#jitterPeak = this.#jitter;
    return peakMs;
  }

  /** The RTP clock of the codec that is received from now on: jitter is counted in it (RFC 3550 §6.4.1). */
  useClock(rateHz: number): void {
    if (this.#clockPerMs === rateHz / 1_000) return;
    this.#clockPerMs = rateHz / 1_000;
    this.#transitTicks = undefined;
    this.#jitter = 0;
    this.#jitterPeak = 0;
  }

  /** The peer began a new stream. */
  restart(): void {
    this.#earlierLost = this.lost;
    this.#started = false;
    this.#received = 0;
    this.#priorExpected = 0;
    this.#priorReceived = 0;
    this.#transitTicks = undefined;
    this.#jitter = 0;
  }

  /**
   * `timestamp` is undefined for telephone-events: all packets of one event carry the timestamp of its onset (RFC 4733
   * §2.5.1.2), so they say nothing about the network's jitter.
   */
  count(sequence: number, timestamp: number | undefined, arrivalMs: number): void {
    if (this.#started && this.#isJump(sequence)) this.restart();
    if (!this.#started) {
      this.#started = true;
      this.#baseSequence = sequence;
      this.#maxSequence = sequence;
      this.#cycles = 0;
    } else {
      const ahead = (sequence - this.#maxSequence) & 0xffff;
      if (ahead < DROPOUT_MAX) {
        if (sequence < this.#maxSequence) this.#cycles += 0x1_0000;
        this.#maxSequence = sequence;
      }
    }
    this.#received += 1;
    this.#packets += 1;
    if (timestamp !== undefined) this.#updateJitter(timestamp, arrivalMs);
  }

  /** RFC 3550 A.3. Reading it closes the interval that `fractionLost` is about. */
  report(): ReceptionReport {
    const expected = this.#expected();
    const expectedInInterval = expected - this.#priorExpected;
    const lostInInterval = expectedInInterval - (this.#received - this.#priorReceived);
    this.#priorExpected = expected;
    this.#priorReceived = this.#received;
    return {
      fractionLost:
        expectedInInterval <= 0 || lostInInterval <= 0
          ? 0
          : Math.min(255, Math.floor((lostInInterval * 256) / expectedInInterval)),
      cumulativeLost: Math.min(LOST_MAX, Math.max(-LOST_MAX - 1, expected - this.#received)),
      highestSequence: (this.#cycles + this.#maxSequence) >>> 0,
      jitterTicks: this.#jitter >> 4,
    };
  }

  #expected(): number {
    return this.#started ? this.#cycles + this.#maxSequence - this.#baseSequence + 1 : 0;
  }

  #isJump(sequence: number): boolean {
    const ahead = (sequence - this.#maxSequence) & 0xffff;
    return ahead >= DROPOUT_MAX && ahead <= 0x1_0000 - MISORDER_MAX;
  }

  /** RFC 3550 A.8. */
  #updateJitter(timestamp: number, arrivalMs: number): void {
    const transit = (Math.round(arrivalMs * this.#clockPerMs) - timestamp) | 0;
    if (this.#transitTicks !== undefined) {
      const difference = Math.min(DIFFERENCE_MAX, Math.abs((transit - this.#transitTicks) | 0));
      this.#jitter += difference - ((this.#jitter + JITTER_SCALE / 2) >> 4);
      if (this.#jitter > this.#jitterPeak) this.#jitterPeak = this.#jitter;
    }
    this.#transitTicks = transit;
  }
}
