import type { Cancel, Scheduler } from '@sordino/core';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that stands still until a test moves it. Timers run in the order they are due. */
export class FakeClock implements Scheduler {
  #nowMs = 0;
  #order = 0;
  readonly #startWallMs: number;
  readonly #timers = new Set<Timer>();

  constructor(startWallMs: number) {
    this.#startWallMs = startWallMs;
  }

  get timers(): number {
    return this.#timers.size;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#startWallMs + this.#nowMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    this.#order += 1;
    const timer: Timer = { dueMs: this.#nowMs + delayMs, order: this.#order, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves on; `settled` is awaited after each timer, so that what it started is done before the next. */
  async advance(ms: number, settled: () => Promise<void>): Promise<void> {
    const until = this.#nowMs + ms;
    for (let timer = this.#next(until); timer !== undefined; timer = this.#next(until)) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.run();
      await settled();
    }
    this.#nowMs = until;
    await settled();
  }

  #next(untilMs: number): Timer | undefined {
    return [...this.#timers]
      .filter(({ dueMs }) => dueMs <= untilMs)
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  }
}
