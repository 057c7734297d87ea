import type { AttemptId, ConnectorId, EventEnvelope, SessionId } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { isOpenOperation, type PaymentOperation } from '../charge/operation.ts';
import type { PaymentStore, SessionFilter, StoreChange, StoredAnswer } from '../ports/stores.ts';
import type { SessionRecord } from '../session/record.ts';
import type { WebhookCursor } from '../webhooks/cursor.ts';

/** A store for scenes: keeps every change it was given, and can be told to fail. The real ones have their contract suite elsewhere. */
export class InMemoryStore implements PaymentStore {
  readonly changes: StoreChange[] = [];
  /** The next so many commits reject. */
  failures = 0;
  readonly #sessions = new Map<SessionId, SessionRecord>();
  readonly #events = new Map<SessionId, EventEnvelope[]>();
  readonly #attempts = new Map<AttemptId, ChargeAttempt>();
  readonly #operations = new Map<string, PaymentOperation>();
  readonly #answers = new Map<string, StoredAnswer>();
  /** By endpoint and session. */
  readonly #cursors = new Map<string, WebhookCursor>();

  async commit(change: StoreChange): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    }
    // What is stored is text, like in a journal: a later change of the caller's object must not show.
    const stored = JSON.parse(JSON.stringify(change)) as StoreChange;
    this.changes.push(stored);
    if (stored.session) this.#sessions.set(stored.session.id, stored.session);
    if (stored.attempt) this.#attempts.set(stored.attempt.id, stored.attempt);
    if (stored.operation) this.#operations.set(stored.operation.id, stored.operation);
    if (stored.answer) this.#answers.set(stored.answer.key, stored.answer);
    for (const cursor of stored.cursors ?? [])
      this.#cursors.set(`${cursor.endpoint} ${cursor.session}`, cursor);
    for (const event of stored.events ?? [])
      this.#events.set(event.session, [...(this.#events.get(event.session) ?? []), event]);
  }

  session(id: SessionId): SessionRecord | undefined {
    return this.#sessions.get(id);
  }

  sessions(filter: SessionFilter) {
    const all = [...this.#sessions.values()]
      .reverse()
      .filter(
        (record) =>
          record.tenant === filter.tenant &&
          record.livemode === filter.livemode &&
          (filter.platform === undefined || record.call.platform === filter.platform) &&
          (filter.callId === undefined || record.call.call_id === filter.callId) &&
          (filter.status === undefined || record.status === filter.status) &&
          (filter.topology === undefined || record.topology === filter.topology),
      );
    const from = filter.startingAfter ? all.findIndex(({ id }) => id === filter.startingAfter) + 1 : 0;
    const data = all.slice(from, from + filter.limit);
    return { data, hasMore: all.length > from + data.length };
  }

  events(session: SessionId, after: number, limit: number): readonly EventEnvelope[] {
    return (this.#events.get(session) ?? []).filter(({ seq }) => seq > after).slice(0, limit);
  }

  webhookCursors(session?: SessionId): readonly WebhookCursor[] {
    return [...this.#cursors.values()].filter(
      (cursor) => session === undefined || cursor.session === session,
    );
  }

  attempt(id: AttemptId): ChargeAttempt | undefined {
    return this.#attempts.get(id);
  }

  attempts(): readonly ChargeAttempt[] {
    return [...this.#attempts.values()];
  }

  openAttemptsOfCard(cardTag: string): readonly ChargeAttempt[] {
    return this.openAttempts().filter((attempt) => attempt.cardTag === cardTag);
  }

  attemptByKey(key: string): ChargeAttempt | undefined {
    return this.attempts().find((attempt) => attempt.key === key);
  }

  attemptByKeyEnd(end: string): ChargeAttempt | undefined {
    return this.attempts().find(({ key }) => key.endsWith(end));
  }

  attemptByGatewayId(connector: ConnectorId, gatewayId: string): ChargeAttempt | undefined {
    return this.attempts().find(
      (attempt) => attempt.connector === connector && attempt.gatewayId === gatewayId,
    );
  }

  operations(session: SessionId): readonly PaymentOperation[] {
    return [...this.#operations.values()].filter((operation) => operation.session === session);
  }

  openOperations(): readonly PaymentOperation[] {
    return [...this.#operations.values()].filter(isOpenOperation);
  }

  openAttempts(): readonly ChargeAttempt[] {
    return this.attempts().filter(({ state }) => state === 'sending' || state === 'unknown');
  }

  openSessions(): readonly SessionRecord[] {
    const over = new Set(['approved', 'declined', 'failed', 'canceled', 'expired']);
    return [...this.#sessions.values()].filter(({ callEnded, status }) => !callEnded || !over.has(status));
  }

  answer(key: string): StoredAnswer | undefined {
    return this.#answers.get(key);
  }

  async close(): Promise<void> {}
}
