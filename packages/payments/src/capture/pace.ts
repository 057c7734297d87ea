import { PACE_GAP_MAX_MS, PACE_GAPS_MIN } from './limits.ts';

/** RFC 6298 §2: gains of the running mean and of the running deviation, and how many deviations are far out. */
const MEAN_GAIN = 1 / 8;
const DEVIATION_GAIN = 1 / 4;
const DEVIATIONS = 4;

/**
 * How fast this caller keys: the gaps between the keys so far, measured as TCP measures round trips (RFC 6298). One for a whole
 * session, so that the second field already knows what the first one showed.
 */
export class Pace {
  #count = 0;
  #meanMs = 0;
  #deviationMs = 0;

  /** Between two keys of one field. */
  gap(gapMs: number): void {
    const taken = Math.min(gapMs, PACE_GAP_MAX_MS);
    this.#count += 1;
    if (this.#count === 1) {
      this.#meanMs = taken;
      this.#deviationMs = taken / 2;
      return;
    }
    this.#deviationMs += DEVIATION_GAIN * (Math.abs(this.#meanMs - taken) - this.#deviationMs);
    this.#meanMs += MEAN_GAIN * (taken - this.#meanMs);
  }

  /** What a pause of this caller in the middle of a field hardly exceeds; undefined: too few keys to say. */
  get longGapMs(): number | undefined {
    return this.#count < PACE_GAPS_MIN ? undefined : this.#meanMs + DEVIATIONS * this.#deviationMs;
  }
}
