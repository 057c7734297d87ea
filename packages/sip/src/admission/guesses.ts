const WINDOW_MS = 60_000;
/** How long a source that only guesses gets nowhere. */
const STOP_MS = 60_000;
/** Of all tries in a window, so many in a hundred must have been wrong. */
const WRONG_PERCENT_MIN = 90;

/**
 * Tells a source that guesses from a platform that errs. A platform with expired tokens, or one bad queue among good ones, has
 * calls that come through: it is never stopped. Who is wrong nine times out of ten, and often, gets nowhere for a minute; calls that
 * are up go on.
 */
export class Guesses {
  readonly #wrongMax: number;
  #windowEndsMs = Number.NEGATIVE_INFINITY;
  #stoppedUntilMs = Number.NEGATIVE_INFINITY;
  #tries = 0;
  #wrong = 0;

  constructor(wrongMax: number) {
    this.#wrongMax = wrongMax;
  }

  areStopped(nowMs: number): boolean {
    return nowMs < this.#stoppedUntilMs;
  }

  tried(nowMs: number): void {
    if (nowMs >= this.#windowEndsMs) {
      this.#windowEndsMs = nowMs + WINDOW_MS;
      this.#tries = 0;
      this.#wrong = 0;
    }
    this.#tries += 1;
  }

  /** The last try, or one before it, was wrong. True: that was one too many. */
  wasWrong(nowMs: number): boolean {
    this.#wrong += 1;
    if (this.#wrong < this.#wrongMax || this.#wrong * 100 < this.#tries * WRONG_PERCENT_MIN) return false;
    this.#stoppedUntilMs = nowMs + STOP_MS;
    this.#windowEndsMs = Number.NEGATIVE_INFINITY;
    return true;
  }
}
