/** A run that lasted so long was a good one: what ended it has nothing to do with how it began. */
const GOOD_RUN_MS = 60_000;

/** Rest before the start after each short run: none after the first, for people wait; then longer, so that nothing spins. */
const RESTS_MS = [0, 500, 2_000, 5_000, 10_000];

/** How a run of the service ended. */
export interface RunEnd {
  readonly lastedMs: number;
  /** It never said that it was ready. */
  readonly stillborn: boolean;
}

/** When to start the service again: six short runs in a row are enough. */
export class Restarts {
  #runs = 0;
  #shortRuns = 0;

  /** Undefined: not at all, somebody has to look at it. */
  restMs({ lastedMs, stillborn }: RunEnd): number | undefined {
    this.#runs += 1;
    // A configuration or a port that is wrong is not mended by trying: whoever started us wants to be told.
    if (stillborn && this.#runs === 1) return undefined;
    this.#shortRuns = lastedMs >= GOOD_RUN_MS ? 0 : this.#shortRuns + 1;
    return this.#shortRuns === 0 ? RESTS_MS[0] : RESTS_MS[this.#shortRuns - 1];
  }
}
