import { type EventEnvelope, type EventId, type EventType, makeId, type SessionId } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import type { PaymentOperation } from '../charge/operation.ts';
import type { SessionServiceDeps } from './deps.ts';
import type { SessionRecord } from './record.ts';
import { nextPaymentStatus, type PaymentEvent } from './status-machine.ts';

/** What may change of a record; status, version, time and event count are the ledger's own. */
export type RecordPatch = Partial<
  Pick<
    SessionRecord,
    | 'topology'
    | 'fields'
    | 'attempt'
    | 'result'
    | 'callFailure'
    | 'rendezvous'
    | 'callEnded'
    | 'cycle'
    | 'mediaPath'
    | 'leaksSuspected'
    | 'attestation'
  >
>;

export interface Change {
  readonly on?: PaymentEvent;
  readonly patch?: RecordPatch;
  readonly events?: readonly EventDraft[];
  readonly attempt?: ChargeAttempt;
  readonly operation?: PaymentOperation;
}

export interface EventDraft {
  readonly type: EventType;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The store refused a change; nothing of it was applied. */
export class StoreFailed extends Error {
  readonly code = 'storage_unavailable';

  constructor(session: SessionId, cause: unknown) {
    super(`a change of session ${session} could not be stored`, { cause });
  }
}

/**
 * The one place where a session changes: moves the machine, numbers the events without gaps, stores record, events and attempt
 * together, and only then tells the listeners. Callers take turns by the session's queue.
 */
export class Ledger {
  readonly #deps: Pick<SessionServiceDeps, 'store' | 'scheduler' | 'random' | 'log'>;
  readonly #listeners = new Map<SessionId, Set<(event: EventEnvelope) => void>>();

  constructor(deps: Pick<SessionServiceDeps, 'store' | 'scheduler' | 'random' | 'log'>) {
    this.#deps = deps;
  }

  /** Stores a new session; `record` carries its first status. */
  open(record: SessionRecord, events: readonly EventDraft[]): Promise<SessionRecord> {
    return this.#commit(record, events, {});
  }

  /** Throws when the machine has no such edge: ask `nextPaymentStatus` first. Rejects with `StoreFailed`; then nothing changed. */
  change(id: SessionId, change: Change): Promise<SessionRecord> {
    const current = this.#deps.store.session(id);
    if (current === undefined) throw new Error(`session ${id} is not in the store`);
    const status = change.on === undefined ? current.status : nextPaymentStatus(current.status, change.on);
    if (status === undefined) throw new Error(`session ${id}: ${current.status} takes no ${change.on}`);
    return this.#commit({ ...current, ...change.patch, status }, change.events ?? [], change);
  }

  subscribe(id: SessionId, listener: (event: EventEnvelope) => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id);
    };
  }

  async #commit(
    draft: SessionRecord,
    drafts: readonly EventDraft[],
    { attempt, operation }: Pick<Change, 'attempt' | 'operation'>,
  ): Promise<SessionRecord> {
    const now = this.#deps.scheduler.wallMs();
    const events = drafts.map(
      ({ type, data }, at): EventEnvelope => ({
        id: makeId<EventId>('evt', this.#deps.random),
        type,
        seq: draft.lastEventSeq + at + 1,
        session: draft.id,
        created: now,
        data,
      }),
    );
    const session: SessionRecord = {
      ...draft,
      updated: now,
      version: draft.version + 1,
      lastEventSeq: draft.lastEventSeq + events.length,
    };
    try {
      await this.#deps.store.commit({
        ...{ session, events },
        ...(attempt === undefined ? {} : { attempt }),
        ...(operation === undefined ? {} : { operation }),
      });
    } catch (cause) {
      throw new StoreFailed(draft.id, cause);
    }
    for (const event of events) this.#publish(event);
    return session;
  }

  #publish(event: EventEnvelope): void {
    for (const listener of [...(this.#listeners.get(event.session) ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        this.#deps.log.error('a listener of session events threw', {
          session: event.session,
          seq: event.seq,
          error: error instanceof Error ? error.name : 'unknown',
        });
      }
    }
  }
}
