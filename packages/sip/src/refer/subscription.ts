import { type Cancel, ok, type Result, refuse, type Scheduler } from '@sordino/core';
import type { ReferHandlers, ReferOutcome } from '@sordino/interception';
import type { Refusal } from '../core/screening.ts';
import type { Notification } from './notification.ts';
import { afterReferEvent, type ReferEvent, type ReferState } from './refer-state.ts';

/** RFC 3261 §16.6, timer C: the INVITE that a REFER stands for has its final answer by then, and so have we. */
const FOLLOWED_MAX_MS = 180_000;

export interface SubscriptionParts {
  readonly scheduler: Scheduler;
  readonly notifyTimeoutMs: number;
  readonly handlers: ReferHandlers;
  /** Called once, when nothing more will be told. */
  over(): void;
  /** The application's handler threw: its own fault, and not the peer's to hear of. */
  failed(error: unknown): void;
}

/** One REFER of ours and the subscription that it makes without saying so (RFC 3515 §2.4.4), in a dialog or outside. */
export class ReferSubscription {
  /** The REFER, once it is out. When it is challenged, it goes out again with another CSeq. */
  refer: { readonly cseq: number } | undefined;
  readonly #parts: SubscriptionParts;
  #state: ReferState = 'asked';
  #remoteTag: string | undefined;
  #lastCSeq = 0;
  #cancelTimer: Cancel;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    this.#cancelTimer = this.#after(parts.notifyTimeoutMs, 'no_answer');
  }

  get over(): boolean {
    return this.#state === 'over';
  }

  /** 2xx. RFC 4488 §4: with `Refer-Sub: false` no NOTIFY will come. */
  accepted(status: number, remoteTag: string, subscribed: boolean): void {
    const first = this.#state === 'asked';
    if (!this.#move('success')) return;
    this.#remoteTag ??= remoteTag;
    this.#tell(() => this.#parts.handlers.accepted?.(status));
    if (!subscribed) this.end({ how: 'unsubscribed', status, reason: undefined });
    else if (first) this.#restart(this.#parts.notifyTimeoutMs, 'no_notify');
  }

  /** A NOTIFY of this dialog. What it is answered with. */
  notified(from: { readonly cseq: number; readonly remoteTag: string }, news: Notification): Refusal {
    // A repetition gets the answer that the first one had, also of the NOTIFY that ended it.
    if (from.cseq === this.#lastCSeq && from.remoteTag === this.#remoteTag) return { status: 200 };
    if (this.over) return { status: 481 };
    // A REFER that forked: the branch that was first is the one we follow (RFC 6665 §4.4.1).
    if (this.#remoteTag !== undefined && this.#remoteTag !== from.remoteTag) return { status: 481 };
    // RFC 3261 §12.2.2: out of order is 500.
    if (from.cseq < this.#lastCSeq) return { status: 500 };
    this.#remoteTag ??= from.remoteTag;
    this.#lastCSeq = from.cseq;
    this.#move('notified');
    // After the answer has gone out: a BYE that the final NOTIFY sets off must not overtake it.
    queueMicrotask(() => this.#learn(news));
    return { status: 200 };
  }

  end(outcome: ReferOutcome): void {
    if (!this.giveUp()) return;
    this.#tell(() => this.#parts.handlers.ended(outcome));
  }

  /** Nothing more is told; a NOTIFY that still comes is answered 481, which ends the subscription at the peer (RFC 6665 §4.1.3). */
  giveUp(): boolean {
    if (!this.#move('over')) return false;
    this.#cancelTimer();
    this.#parts.over();
    return true;
  }

  #learn({ answer, terminated, expiresS }: Notification): void {
    if (this.over) return;
    if (answer !== undefined && answer.status >= 200) {
      this.end({ how: answer.status < 300 ? 'succeeded' : 'failed', ...answer });
    } else if (terminated) {
      this.end({ how: 'terminated', status: answer?.status, reason: answer?.reason });
    } else {
      const goesOnMs = Math.min((expiresS ?? Number.POSITIVE_INFINITY) * 1_000, FOLLOWED_MAX_MS);
      this.#restart(goesOnMs, 'terminated');
      if (answer !== undefined)
        this.#tell(() => this.#parts.handlers.progress?.(answer.status, answer.reason));
    }
  }

  #restart(delayMs: number, how: ReferOutcome['how']): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#after(delayMs, how);
  }

  #after(delayMs: number, how: ReferOutcome['how']): Cancel {
    return this.#parts.scheduler.after(delayMs, () =>
      this.end({ how, status: undefined, reason: undefined }),
    );
  }

  #move(event: ReferEvent): boolean {
    const next = afterReferEvent(this.#state, event);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }

  #tell(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#parts.failed(error);
    }
  }
}

/** Who waits for NOTIFYs, by dialog: outside a dialog one REFER has one of its own, inside there may be several (RFC 3515 §2.4.6). */
export class Subscriptions {
  readonly #byDialog = new Map<string, ReferSubscription[]>();

  get size(): number {
    return this.#byDialog.size;
  }

  add(callId: string, localTag: string, subscription: ReferSubscription): void {
    const key = keyOf(callId, localTag);
    this.#byDialog.set(key, [...(this.#byDialog.get(key) ?? []), subscription]);
  }

  remove(callId: string, localTag: string, subscription: ReferSubscription): void {
    const key = keyOf(callId, localTag);
    const others = (this.#byDialog.get(key) ?? []).filter((other) => other !== subscription);
    if (others.length === 0) this.#byDialog.delete(key);
    else this.#byDialog.set(key, others);
  }

  /** The one that a NOTIFY is for; else the refusal: 481, since nobody subscribed (RFC 6665 §4.1.3). */
  find(callId: string, localTag: string, referCSeq: number | undefined): Result<ReferSubscription, Refusal> {
    const all = this.#byDialog.get(keyOf(callId, localTag)) ?? [];
    // RFC 3515 §2.4.6: only the first REFER of a dialog may be meant without its id.
    const found =
      referCSeq === undefined
        ? (all.find(({ over }) => !over) ?? all[0])
        : all.find(({ refer }) => refer?.cseq === referCSeq);
    return found === undefined ? refuse({ status: 481 }) : ok(found);
  }
}

const keyOf = (callId: string, localTag: string): string => `${callId}|${localTag}`;
