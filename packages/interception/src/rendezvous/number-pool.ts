export interface NumberPoolSizes {
  readonly size: number;
  readonly free: number;
  /** Used a moment ago and not given out again yet. */
  readonly cooling: number;
}

/**
 * One-time numbers of a platform. A number that was used, or that nobody called, rests before it is given out again: an INVITE that
 * comes late must meet nobody, not the next session. The one that rested longest goes first.
 */
export class NumberPool {
  readonly #coolDownMs: number;
  /** Free numbers with the time from which each may be given out; longest rested first. */
  readonly #resting: { readonly number: string; readonly freeAtMs: number }[];
  readonly #size: number;

  constructor(numbers: readonly string[], coolDownMs: number) {
    this.#coolDownMs = coolDownMs;
    this.#size = numbers.length;
    this.#resting = numbers.map((number) => ({ number, freeAtMs: Number.NEGATIVE_INFINITY }));
  }

  /** Null: none is free. */
  take(nowMs: number): string | null {
    const [first] = this.#resting;
    if (first === undefined || first.freeAtMs > nowMs) return null;
    this.#resting.shift();
    return first.number;
  }

  /** Once for each number that was taken. */
  release(number: string, nowMs: number): void {
    this.#resting.push({ number, freeAtMs: nowMs + this.#coolDownMs });
  }

  sizes(nowMs: number): NumberPoolSizes {
    const free = this.#resting.filter(({ freeAtMs }) => freeAtMs <= nowMs).length;
    return { size: this.#size, free, cooling: this.#resting.length - free };
  }
}
