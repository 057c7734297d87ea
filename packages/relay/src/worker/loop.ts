/** Late by more than this much is counted no further: the machine stood still. */
const LATE_MAX_MS = 10_000;

/** The lag is a mean over about so long. */
const LAG_OVER_MS = 1_000;

/** Something with deadlines of its own. */
export interface Ticking {
  /** Monotonic; Infinity: nothing is due. */
  readonly dueMs: number;
  tick(nowMs: number): void;
}

/**
 * One timer for all bridges of a worker, set to the deadline that comes first: who has nothing to do costs nothing. Deadlines
 * are absolute: an interval timer drifts by 2 % under load, which a stream of 20 ms frames turns into a packet too few each
 * second. All are looked at in turn: for some hundred numbers this is less work than any clever order.
 */
export class TickLoop {
  readonly #ticking = new Set<Ticking>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** What the timer is set to. */
  #dueMs = Number.POSITIVE_INFINITY;
  #ranMs: number;
  #lagMs = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.#ranMs = now();
  }

  /** Mean delay of the ticks of about the last second; what has not been ticked for as long is forgotten. */
  get lagMs(): number {
    const nowMs = this.#now();
    const forgotten = Math.min(1, Math.max(0, nowMs - this.#ranMs) / LAG_OVER_MS);
    return Math.max(this.#lagMs * (1 - forgotten), Math.min(LATE_MAX_MS, nowMs - this.#dueMs), 0);
  }

  add(ticking: Ticking): void {
    this.#ticking.add(ticking);
    this.wake(ticking.dueMs);
  }

  remove(ticking: Ticking): void {
    this.#ticking.delete(ticking);
  }

  /** Something is due at that time, perhaps before all that was known of. */
  wake(dueMs: number): void {
    if (dueMs < this.#dueMs) this.#schedule(dueMs);
  }

  /** After packets have been handled: what is due now need not wait for the timer. */
  runIfDue(): void {
    if (this.#now() >= this.#dueMs) this.#run();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#ticking.clear();
  }

  #schedule(dueMs: number): void {
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#run(), Math.max(0, dueMs - this.#now()));
  }

  #run(): void {
    const nowMs = this.#now();
    // Timers may come up to a ms early.
    if (nowMs < this.#dueMs) {
      this.#schedule(this.#dueMs);
      return;
    }
    this.#measure(Math.min(LATE_MAX_MS, nowMs - this.#dueMs), nowMs);
    let nextMs = Number.POSITIVE_INFINITY;
    for (const ticking of this.#ticking) {
      if (ticking.dueMs <= nowMs) ticking.tick(nowMs);
      if (ticking.dueMs < nextMs) nextMs = ticking.dueMs;
    }
    this.#schedule(nextMs);
  }

  #measure(lateMs: number, nowMs: number): void {
    const share = Math.min(1, Math.max(0, nowMs - this.#ranMs) / LAG_OVER_MS);
    this.#lagMs += (lateMs - this.#lagMs) * share;
    this.#ranMs = nowMs;
  }
}
