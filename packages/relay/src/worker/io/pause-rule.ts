/** How often the rate is looked at. */
const WINDOW_MS = 100;
/** Datagrams in a window that make pauses worth while: one a ms, so that a pause saves at least one wake-up. */
const DATAGRAMS_MIN = 100;

/**
 * Whether to wait a ms for more datagrams before the next batch. Waking up costs more than the work for one datagram, so
 * under load the thread takes all that came in a ms at once; idle or nearly so it wakes for each.
 */
export class PauseRule {
  readonly #now: () => number;
  #datagrams = 0;
  #windowEndMs = 0;
  #isPausing = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** After a batch of so many datagrams: pause before the next one? */
  batch(count: number): boolean {
    this.#datagrams += count;
    // Looks at the clock when it may change its mind, which is once in a window.
    if (!this.#isPausing && this.#datagrams < DATAGRAMS_MIN) return false;
    const nowMs = this.#now();
    if (nowMs >= this.#windowEndMs) {
      this.#isPausing = this.#isPausing && this.#datagrams >= DATAGRAMS_MIN;
      this.#datagrams = 0;
      this.#windowEndMs = nowMs + WINDOW_MS;
    } else if (this.#datagrams >= DATAGRAMS_MIN) {
      this.#isPausing = true;
    }
    return this.#isPausing;
  }
}
