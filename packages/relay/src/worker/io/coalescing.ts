/** A pause this long lets the datagrams of a ms be handled in one turn; longer ones gain nothing more. */
const PAUSE_MS = 1;
/** How often the rate is looked at. */
const WINDOW_MS = 100;
/** Datagrams in a window that make pauses worth while: one a ms, so that a pause saves at least one wake-up. */
const DATAGRAMS_MIN = 100;
/** A turn that handled this many is behind: no pause, the kernel makes the batches now. */
const BUSY_TURN_DATAGRAMS = 60;

/**
 * Waking up costs more than the work for one datagram. Under load the thread therefore sleeps for a ms between two turns of
 * the event loop and then takes all that came; idle or nearly so it wakes for each, and very busy it does not sleep.
 */
export class Coalescing {
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #now: () => number;
  #window = 0;
  #windowEndMs = 0;
  #turn = 0;
  #isPausing = false;
  #immediate: NodeJS.Immediate | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** It sleeps between turns at the moment. */
  get isPausing(): boolean {
    return this.#isPausing;
  }

  /** A datagram came. */
  count(): void {
    this.#window += 1;
    this.#turn += 1;
    if (this.#isPausing || this.#window < DATAGRAMS_MIN) return;
    const nowMs = this.#now();
    const isFast = nowMs < this.#windowEndMs;
    this.#startWindow(nowMs);
    if (isFast) this.#pause();
  }

  stop(): void {
    this.#isPausing = false;
    clearImmediate(this.#immediate);
  }

  #startWindow(nowMs: number): void {
    this.#window = 0;
    this.#windowEndMs = nowMs + WINDOW_MS;
  }

  #pause(): void {
    this.#isPausing = true;
    this.#immediate = setImmediate(() => this.#afterTurn());
  }

  #afterTurn(): void {
    if (!this.#isPausing) return;
    const nowMs = this.#now();
    if (nowMs >= this.#windowEndMs) {
      const isSlow = this.#window < DATAGRAMS_MIN;
      this.#startWindow(nowMs);
      if (isSlow) {
        this.#isPausing = false;
        return;
      }
    }
    if (this.#turn < BUSY_TURN_DATAGRAMS) Atomics.wait(this.#sleeper, 0, 0, PAUSE_MS);
    this.#turn = 0;
    this.#immediate = setImmediate(() => this.#afterTurn());
  }
}
