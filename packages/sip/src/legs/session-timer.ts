import type { Cancel, Scheduler } from '@sordino/core';
import {
  afterSessionTimerEvent,
  type SessionTimerEvent,
  type SessionTimerState,
} from './session-timer-state.ts';

/** RFC 4028 §10: the BYE for want of the peer's refresh leaves so long before the interval is over, or a third of it. */
const BYE_LEAD = { ms: 32_000, part: 1 / 3 };
/** For want of our own it leaves a little earlier: the peer's would look as if somebody had hung up. */
const OWN_BYE_LEAD = { ms: 40_000, part: 2 / 5 };
/** A refused refresh is tried again after this part of the interval: once before the BYE even where the interval is short and the refusal late. */
const RETRY_PART = 1 / 18;

export interface SessionTimerSide {
  /** Half of the interval is over, or a refused refresh is tried again. */
  refresh(): void;
  /** Nobody refreshed in time. Nothing more will be asked. */
  late(): void;
}

/** The clock of one session (RFC 4028 §10): a single timer, for the refresh or for the BYE, whichever comes next. */
export class SessionTimer {
  readonly #scheduler: Scheduler;
  readonly #side: SessionTimerSide;
  #state: SessionTimerState = 'off';
  #intervalMs = 0;
  #lateAtMs = 0;
  #cancel: Cancel = () => {};

  constructor(scheduler: Scheduler, side: SessionTimerSide) {
    this.#scheduler = scheduler;
    this.#side = side;
  }

  get state(): SessionTimerState {
    return this.#state;
  }

  /** A 2xx agreed on an interval; undefined: on none. Time begins anew. */
  agreed(terms: { readonly expiresS: number; readonly weRefresh: boolean } | undefined): void {
    const event = terms === undefined ? 'agreed_none' : terms.weRefresh ? 'agreed_ours' : 'agreed_theirs';
    if (!this.#move(event) || terms === undefined) return;
    this.#intervalMs = terms.expiresS * 1000;
    const { ms, part } = terms.weRefresh ? OWN_BYE_LEAD : BYE_LEAD;
    const lifeMs = this.#intervalMs - Math.min(ms, this.#intervalMs * part);
    this.#lateAtMs = this.#scheduler.monotonicMs() + lifeMs;
    if (terms.weRefresh) this.#cancel = this.#scheduler.after(this.#intervalMs / 2, () => this.#refresh());
    else this.#awaitTheEnd();
  }

  /** Our refresh was refused, and the dialog is as it was (RFC 4028 §10). */
  refused(): void {
    if (!this.#move('refused')) return;
    const retryMs = this.#intervalMs * RETRY_PART;
    const leftMs = this.#lateAtMs - this.#scheduler.monotonicMs();
    if (retryMs < leftMs) this.#cancel = this.#scheduler.after(retryMs, () => this.#refresh());
    else this.#awaitTheEnd();
  }

  stop(): void {
    this.#move('stop');
  }

  #refresh(): void {
    if (!this.#move('half')) return;
    this.#awaitTheEnd();
    this.#side.refresh();
  }

  #awaitTheEnd(): void {
    const leftMs = Math.max(0, this.#lateAtMs - this.#scheduler.monotonicMs());
    this.#cancel = this.#scheduler.after(leftMs, () => {
      if (this.#move('late')) this.#side.late();
    });
  }

  #move(event: SessionTimerEvent): boolean {
    const next = afterSessionTimerEvent(this.#state, event);
    if (next === undefined) return false;
    this.#state = next;
    this.#cancel();
    return true;
  }
}
