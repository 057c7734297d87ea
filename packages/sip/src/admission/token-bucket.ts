const MS_PER_S = 1_000;

/** At most `perSecond` on average; after a rest, as many at once as one second brings. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledAtMs = nowMs;
  }

  /** False: over the limit, and nothing is taken. */
  take(nowMs: number): boolean {
    const gained = ((nowMs - this.#filledAtMs) / MS_PER_S) * this.#perSecond;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + gained);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
