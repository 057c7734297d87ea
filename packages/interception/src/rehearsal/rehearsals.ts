import type { Scheduler, SessionId } from '@sordino/core';
import { CALLS_MAX, FINISHED_KEPT_MAX } from '../limits.ts';
import type { CommitOrder } from '../platform/profile.ts';
import { Rehearsal } from './rehearsal.ts';

/** One for each session of this process, until many newer ones have come. */
const KEPT_MAX = CALLS_MAX + FINISHED_KEPT_MAX;

/** The rehearsals of all sessions. Who may arm a fault, and on which session, is not decided here. */
export class Rehearsals {
  readonly #scheduler: Scheduler;
  readonly #bySession = new Map<SessionId, Rehearsal>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Undefined for a session that this process does not know, or not any more. */
  of(session: SessionId): Rehearsal | undefined {
    return this.#bySession.get(session);
  }

  /** `asks`: the platform is asked for call `call`; what was armed for that on the session before is due. */
  begin(
    session: SessionId,
    { call, asks, commit }: { readonly call: string; readonly asks: boolean; readonly commit: CommitOrder },
  ): Rehearsal {
    const before = asks ? this.#ofCall(call) : undefined;
    const rehearsal = new Rehearsal(this.#scheduler, {
      call,
      commit,
      referRefused: before?.takes('refer_refused') === true,
    });
    this.#bySession.set(session, rehearsal);
    for (const oldest of this.#bySession.keys()) {
      if (this.#bySession.size <= KEPT_MAX) break;
      this.#bySession.delete(oldest);
    }
    return rehearsal;
  }

  /** Of the session of that call that came last. */
  #ofCall(call: string): Rehearsal | undefined {
    return [...this.#bySession.values()].findLast((rehearsal) => rehearsal.call === call);
  }
}
