import type { Cancel, Scheduler } from '../clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A timer that sets itself again for the same instant would otherwise run for ever. */
const RUNS_AT_ONE_INSTANT_MAX = 10_000;

/** 2026-01-01T00:00:00Z: a wall clock that looks like one, and is the same in every run. */
const DEFAULT_WALL_MS = Date.UTC(2026, 0, 1);

/** Time that passes only when a test says so. Timers run in the order in which they are due. */
export class FakeScheduler implements Scheduler {
  readonly #timers = new Set<Timer>();
  #nowMs = 0;
  #wallOffsetMs: number;
  #order = 0;

  constructor(wallMs: number = DEFAULT_WALL_MS) {
    this.#wallOffsetMs = wallMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    this.#order += 1;
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Timers that wait; 0 at the end of a test means that nothing was left behind. */
  get pending(): number {
    return this.#timers.size;
  }

  /** How long until the next timer; `undefined` if none waits. */
  get nextInMs(): number | undefined {
    const next = this.#next();
    return next && next.dueMs - this.#nowMs;
  }

  /** The wall clock is set (by NTP, by a person); monotonic time goes on. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Lets time pass and runs what comes due, also what was set on the way. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    let runs = 0;
    for (let timer = this.#next(); timer !== undefined && timer.dueMs <= untilMs; timer = this.#next()) {
      this.#run(timer);
      runs = this.#countRuns(runs, timer);
    }
    this.#nowMs = untilMs;
  }

  /** As `advance`, and lets promises settle before the first timer, after each and at the end; `settled` says how long that takes. */
  async advanceAsync(byMs: number, settled: () => Promise<void> = macrotask): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    let runs = 0;
    await settled();
    for (let timer = this.#next(); timer !== undefined && timer.dueMs <= untilMs; timer = this.#next()) {
      this.#run(timer);
      runs = this.#countRuns(runs, timer);
      await settled();
    }
    this.#nowMs = untilMs;
    await settled();
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      const sooner = first === undefined || timer.dueMs < first.dueMs;
      if (sooner || (timer.dueMs === first?.dueMs && timer.order < first.order)) first = timer;
    }
    return first;
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.run();
  }

  #countRuns(runs: number, last: Timer): number {
    const next = this.#next();
    if (next === undefined || next.dueMs > last.dueMs) return 0;
    if (runs >= RUNS_AT_ONE_INSTANT_MAX) {
      throw new Error(
        `${runs} timers ran at ${last.dueMs} ms and more are due: one sets itself again without delay`,
      );
    }
    return runs + 1;
  }
}

/** A macrotask: by then every promise that could settle has settled. */
function macrotask(): Promise<void> {
  return new Promise((resume) => setImmediate(resume));
}
