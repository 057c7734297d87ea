import { hostNowMs } from './host-clock.ts';

/** RFC 3551 §4.2: the default packet interval of G.711. */
export const PACKET_MS = 20;

/** A process that was held up longer than this (a debugger, a suspended laptop) starts afresh instead of flooding. */
const CATCH_UP_MAX_MS = 500;

/**
 * Calls `tick` once per packet interval, each deadline counted from the first: a late tick does not delay the next
 * (a plain interval timer would drift by about 2 %). Missed ticks are made up at once.
 */
export class Pacer {
  readonly #tick: (deadlineMs: number) => void;
  #deadlineMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(tick: (deadlineMs: number) => void) {
    this.#tick = tick;
    this.#deadlineMs = hostNowMs();
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = setTimeout(() => this.#run(), Math.max(0, this.#deadlineMs - hostNowMs()));
  }

  #run(): void {
    // Node's timers may fire up to a millisecond early; that is sooner than worth another timer.
    const dueMs = hostNowMs() + 1;
    if (dueMs - this.#deadlineMs > CATCH_UP_MAX_MS) {
      this.#deadlineMs += Math.floor((dueMs - this.#deadlineMs) / PACKET_MS) * PACKET_MS;
    }
    while (this.#timer !== undefined && this.#deadlineMs <= dueMs) {
      this.#tick(this.#deadlineMs);
      this.#deadlineMs += PACKET_MS;
    }
    if (this.#timer !== undefined) this.#arm();
  }
}
