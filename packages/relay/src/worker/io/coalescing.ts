import { PauseRule } from './pause-rule.ts';

/** A pause this long lets the datagrams of a ms be handled in one turn; longer ones gain nothing more. */
const PAUSE_MS = 1;

/**
 * The pauses of a worker whose sockets have none of their own: the thread sleeps between two turns of the event loop, counted
 * from the beginning of the last one. A turn that took longer is followed at once: the kernel makes the batches then, and
 * sleep would only let its queues run over.
 */
export class Coalescing {
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #now: () => number;
  readonly #rule: PauseRule;
  #turn = 0;
  #turnBeganMs = 0;
  #immediate: NodeJS.Immediate | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#rule = new PauseRule(now);
  }

  /** It sleeps between turns at the moment. */
  get isPausing(): boolean {
    return this.#immediate !== undefined;
  }

  /** A datagram came. */
  count(): void {
    if (this.#immediate !== undefined) this.#turn += 1;
    else if (this.#rule.batch(1)) this.#immediate = setImmediate(() => this.#afterTurn());
  }

  stop(): void {
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }

  #afterTurn(): void {
    this.#immediate = undefined;
    const isPausing = this.#rule.batch(this.#turn);
    this.#turn = 0;
    if (!isPausing) return;
    const leftMs = this.#turnBeganMs + PAUSE_MS - this.#now();
    if (leftMs > 0) Atomics.wait(this.#sleeper, 0, 0, leftMs);
    this.#turnBeganMs = this.#now();
    this.#immediate = setImmediate(() => this.#afterTurn());
  }
}
