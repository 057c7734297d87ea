import type { OneWay } from '@sordino/core';

/** As long as a stall: a gap shorter than this is the network's. */
const NOTHING_HEARD_MS = 2_000;
/** We send when the last packet is no older than this: four packets of the longest kind, and a little. */
const SENDING_MS = 250;

/** Whether audio flows in one direction only between us and one peer. Times are monotonic ms. */
export class OneWayWatch {
  #now: OneWay | null = null;
  #heardMs = Number.POSITIVE_INFINITY;

  get now(): OneWay | null {
    return this.#now;
  }

  /** From now on its packets can be asked for: a new peer, or one back from hold. */
  expect(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** Its last packet, which may have come before it could be asked for. */
  heard(atMs: number): void {
    this.#heardMs = Math.max(this.#heardMs, atMs);
  }

  /** True when it has changed. `sentMs`: our last packet; undefined: we may not send. `owesUs`: the peer is not silent by agreement. */
  tick(nowMs: number, sentMs: number | undefined, owesUs: boolean, isDeaf: boolean): boolean {
    const sending = sentMs !== undefined && nowMs - sentMs <= SENDING_MS;
    const before = this.#now;
    if (!sending) this.#now = null;
    else if (owesUs && nowMs - this.#heardMs >= NOTHING_HEARD_MS) this.#now = 'not_heard';
    else this.#now = isDeaf ? 'not_hearing' : null;
    return this.#now !== before;
  }
}
