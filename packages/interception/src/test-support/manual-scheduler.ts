import type { Cancel, Scheduler } from '@sordino/core';

/** 2026-01-01T00:00:00Z, so that wall time is not mistaken for monotonic time. */
const WALL_AT_START_MS = 1_767_225_600_000;
/** Promises that wait for promises that wait for promises: nothing here goes deeper. */
const MICROTASKS = 20;

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Time that passes when a test says so; promises settle before each timer. (The testkit's fake cannot be used below it.) */
export class ManualScheduler implements Scheduler {
  #nowMs = 0;
  #timers: Timer[] = [];

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return WALL_AT_START_MS + this.#nowMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.#timers.length;
  }

  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      await settled();
      const next = this.#next();
      if (next === undefined || next.dueMs > untilMs) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = next.dueMs;
      next.run();
    }
    this.#nowMs = untilMs;
    await settled();
  }

  /** The first that was set, of those that are due first. */
  #next(): Timer | undefined {
    const dueMs = Math.min(...this.#timers.map((timer) => timer.dueMs));
    return this.#timers.find((timer) => timer.dueMs === dueMs);
  }
}

export async function settled(): Promise<void> {
  for (let turn = 0; turn < MICROTASKS; turn += 1) await Promise.resolve();
}
