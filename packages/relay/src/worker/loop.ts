/** The stripper wants a tick at least every 5 ms; RTCP and stalls need less. */
export const TICK_MS = 5;

/** Late by more than this the loop starts again from now: catching up tick by tick would only be late for longer. */
const RESYNC_AFTER_MS = 100;

/** Weight of one tick in the running mean of the lag: about the last second. */
const LAG_WEIGHT = TICK_MS / 1_000;

/**
 * One timer for all bridges of a worker. Deadlines are absolute: an interval timer drifts by 2 % under load, which a stream
 * of 20 ms frames turns into a packet too few each second.
 */
export class TickLoop {
  readonly #tick: (nowMs: number) => void;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #lagMs = 0;

  constructor(tick: (nowMs: number) => void, now: () => number) {
    this.#tick = tick;
    this.#now = now;
  }

  /** Mean delay of the ticks of about the last second. */
  get lagMs(): number {
    return this.#lagMs;
  }

  start(): void {
    this.#dueMs = this.#now() + TICK_MS;
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = setTimeout(() => this.#run(), Math.max(0, this.#dueMs - this.#now()));
  }

  #run(): void {
    const nowMs = this.#now();
    const lateMs = Math.max(0, nowMs - this.#dueMs);
    this.#lagMs += (lateMs - this.#lagMs) * LAG_WEIGHT;
    this.#tick(nowMs);
    this.#dueMs = lateMs > RESYNC_AFTER_MS ? nowMs + TICK_MS : this.#dueMs + TICK_MS;
    // The tick may have stopped us.
    if (this.#timer !== undefined) this.#schedule();
  }
}
