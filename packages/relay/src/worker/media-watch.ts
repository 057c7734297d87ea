import { nextState, type TransitionTable } from '@sordino/core';

/**
 * Whether a side's media is there.
 *
 *              packet              silence
 *   waiting ------------> flowing ----------> stalled --. silence,
 *                         ^  |  <----------   |  ^      | each second
 *                  packet |  |     packet     |  `------'
 *                         |  | peer-moved     | peer-moved
 *                         |  v                |
 *                         moved <-------------'
 *                         |  ^
 *                 silence |  | peer-moved
 *                         v  |         packet
 *                        missing --------------------> flowing
 *
 * `waiting` has no clock: how long to wait for the first packet is the caller's decision. `moved` has one: the media was
 * here, and a new address that stays silent is a stall like any other.
 */
export type MediaWatchState = 'waiting' | 'flowing' | 'stalled' | 'moved' | 'missing';
export type MediaWatchEvent = 'packet' | 'silence' | 'peer-moved';

export const mediaWatchTransitions: TransitionTable<MediaWatchState, MediaWatchEvent> = {
  waiting: { packet: 'flowing', 'peer-moved': 'waiting' },
  flowing: { packet: 'flowing', silence: 'stalled', 'peer-moved': 'moved' },
  stalled: { packet: 'flowing', silence: 'stalled', 'peer-moved': 'moved' },
  moved: { packet: 'flowing', silence: 'missing', 'peer-moved': 'moved' },
  missing: { packet: 'flowing', silence: 'missing', 'peer-moved': 'moved' },
};

/** What changed for the listener. `restarted` is both: a new peer's first packet, after silence had been reported. */
export type MediaNews = 'started' | 'resumed' | 'restarted' | 'stalled';

/** Design section 7: `leg.stalled` after 2 s without a packet. */
const STALL_AFTER_MS = 2_000;
const STALL_REPEAT_MS = 1_000;

/** Follows the packets of one side. Times are monotonic ms. */
export class MediaWatch {
  #state: MediaWatchState = 'waiting';
  #lastMs = 0;
  #nextSilenceMs = Number.POSITIVE_INFINITY;

  get state(): MediaWatchState {
    return this.#state;
  }

  /** Packets come: `heard` says when the last one did, which need not be told of each. */
  get isFlowing(): boolean {
    return this.#state === 'flowing';
  }

  /** While packets flow: when the last one came. */
  heard(atMs: number): void {
    if (this.isFlowing && atMs > this.#lastMs) this.#restartClock(atMs);
  }

  packet(nowMs: number): MediaNews | undefined {
    const before = this.#enter('packet');
    this.#restartClock(nowMs);
    if (before === 'waiting' || before === 'moved') return 'started';
    if (before === 'missing') return 'restarted';
    return before === 'stalled' ? 'resumed' : undefined;
  }

  peerMoved(nowMs: number): void {
    this.#enter('peer-moved');
    if (this.#state === 'moved') this.#restartClock(nowMs);
  }

  /** The peer is on hold and owes us nothing, or owes us packets again from now on. */
  restartClock(nowMs: number): void {
    if (this.#state !== 'waiting') this.#restartClock(nowMs);
  }

  /** `stalled` when a report is due now. */
  tick(nowMs: number): MediaNews | undefined {
    if (nowMs < this.#nextSilenceMs) return undefined;
    this.#enter('silence');
    this.#nextSilenceMs += STALL_REPEAT_MS;
    return 'stalled';
  }

  silentMs(nowMs: number): number {
    return nowMs - this.#lastMs;
  }

  #restartClock(nowMs: number): void {
    this.#lastMs = nowMs;
    this.#nextSilenceMs = nowMs + STALL_AFTER_MS;
  }

  #enter(event: MediaWatchEvent): MediaWatchState {
    const before = this.#state;
    this.#state = nextState(mediaWatchTransitions, before, event) ?? before;
    return before;
  }
}
