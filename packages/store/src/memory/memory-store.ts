import type { AttemptId, Clock, EventEnvelope, SessionId } from '@sordino/core';
import type {
  ChargeAttempt,
  PaymentStore,
  SessionFilter,
  SessionRecord,
  StoreChange,
  StoredAnswer,
} from '@sordino/payments';
import { StoreError } from '../store-error.ts';
import { RETENTION, type Retention, Tables } from './tables.ts';

/** Everything in this process's memory: for tests and for demos that need not survive a restart. */
export function createMemoryStore(clock: Clock, retention: Retention = RETENTION): PaymentStore {
  return new MemoryPaymentStore(new Tables(clock, retention));
}

class MemoryPaymentStore implements PaymentStore {
  readonly #tables: Tables;
  #closed = false;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async commit(change: StoreChange): Promise<void> {
    if (this.#closed) throw new StoreError('closed', 'the store is closed: commit before close().');
    this.#tables.apply(change);
    const session = change.events?.[0]?.session;
    if (session) this.#tables.forgetEvents(session);
    this.#tables.forget();
  }

  session(id: SessionId): SessionRecord | undefined {
    return this.#tables.session(id);
  }

  sessions(filter: SessionFilter): { readonly data: readonly SessionRecord[]; readonly hasMore: boolean } {
    return this.#tables.sessions(filter);
  }

  events(session: SessionId, after: number, limit: number): readonly EventEnvelope[] {
    return this.#tables.events(session, after, limit);
  }

  attempt(id: AttemptId): ChargeAttempt | undefined {
    return this.#tables.attempt(id);
  }

  openAttempts(): readonly ChargeAttempt[] {
    return this.#tables.openAttempts();
  }

  openSessions(): readonly SessionRecord[] {
    return this.#tables.openSessions();
  }

  answer(key: string): StoredAnswer | undefined {
    return this.#tables.answer(key);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
