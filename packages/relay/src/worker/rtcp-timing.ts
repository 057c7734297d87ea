/** RFC 3550 §6.2: the recommended minimum between two reports; one call needs no more. */
export const RTCP_INTERVAL_MS = 5_000;
/** RFC 3550 §6.3.1: reconsideration makes the mean interval longer by this factor, so it is divided out. */
const COMPENSATION = Math.E - 1.5;

/**
 * When our reports go (RFC 3550 §6.3). Two parties share a session: by §6.3.1 five per cent of the bandwidth of the leanest
 * codec would let them report each second, so the minimum interval always decides and no sizes need to be counted.
 */
export class RtcpTiming {
  readonly #intervalMs: number;
  readonly #random: () => number;
  #lastMs = 0;
  #dueMs = Number.POSITIVE_INFINITY;
  #hasSpoken = false;

  constructor(intervalMs: number, random: () => number) {
    this.#intervalMs = intervalMs;
    this.#random = random;
  }

  /** The peer is known: the first report goes after half an interval (§6.2). Repeats are harmless. */
  start(nowMs: number): void {
    if (this.#dueMs !== Number.POSITIVE_INFINITY) return;
    this.#lastMs = nowMs;
    this.#dueMs = nowMs + this.#draw();
  }

  /** §6.3.6, reconsideration: an interval that has run out is drawn anew, and what is left of the new one is waited for. */
  due(nowMs: number): boolean {
    if (nowMs < this.#dueMs) return false;
    const reconsideredMs = this.#lastMs + this.#draw();
    if (reconsideredMs > nowMs) {
      this.#dueMs = reconsideredMs;
      return false;
    }
    this.#hasSpoken = true;
    this.#lastMs = nowMs;
    this.#dueMs = nowMs + this.#draw();
    return true;
  }

  #draw(): number {
    const intervalMs = this.#hasSpoken ? this.#intervalMs : this.#intervalMs / 2;
    return (intervalMs * (0.5 + this.#random())) / COMPENSATION;
  }
}
