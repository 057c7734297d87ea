import type { Cancel, Scheduler } from '@sordino/core';

/** A scheduler that knows its pending timers, so that a closed endpoint keeps no process alive. */
export class TimerSet implements Scheduler {
  readonly #inner: Scheduler;
  readonly #pending = new Set<Cancel>();

  constructor(inner: Scheduler) {
    this.#inner = inner;
  }

  get size(): number {
    return this.#pending.size;
  }

  monotonicMs(): number {
    return this.#inner.monotonicMs();
  }

  wallMs(): number {
    return this.#inner.wallMs();
  }

  after(delayMs: number, run: () => void): Cancel {
    const cancelInner = this.#inner.after(delayMs, () => {
      this.#pending.delete(cancel);
      run();
    });
    const cancel = (): void => {
      this.#pending.delete(cancel);
      cancelInner();
    };
    this.#pending.add(cancel);
    return cancel;
  }

  clear(): void {
    for (const cancel of [...this.#pending]) cancel();
  }
}
