import type { AttemptId, ConnectorId, EventEnvelope, SessionId } from '@sordino/core';
import type {
  ChargeAttempt,
  PaymentOperation,
  PaymentStore,
  SessionFilter,
  SessionRecord,
  StoreChange,
  StoredAnswer,
  WebhookCursor,
} from '@sordino/payments';
import type { Tables } from './tables.ts';

/** A store that reads from tables in memory; what makes a commit durable is its own. */
export abstract class TableStore implements PaymentStore {
  protected readonly tables: Tables;

  constructor(tables: Tables) {
    this.tables = tables;
  }

  abstract commit(change: StoreChange): Promise<void>;
  abstract close(): Promise<void>;

  session(id: SessionId): SessionRecord | undefined {
    return this.tables.session(id);
  }

  sessions(filter: SessionFilter): { readonly data: readonly SessionRecord[]; readonly hasMore: boolean } {
    return this.tables.sessions(filter);
  }

  events(session: SessionId, after: number, limit: number): readonly EventEnvelope[] {
    return this.tables.events(session, after, limit);
  }

  attempt(id: AttemptId): ChargeAttempt | undefined {
    return this.tables.attempts.get(id);
  }

  openAttemptsOfCard(cardTag: string): readonly ChargeAttempt[] {
    return this.tables.attempts.openOfCard(cardTag);
  }

  attemptByKey(key: string): ChargeAttempt | undefined {
    return this.tables.attempts.byKey(key);
  }

  attemptByKeyEnd(end: string): ChargeAttempt | undefined {
    return this.tables.attempts.byKeyEnd(end);
  }

  attemptByGatewayId(connector: ConnectorId, gatewayId: string): ChargeAttempt | undefined {
    return this.tables.attempts.byGatewayId(connector, gatewayId);
  }

  operations(session: SessionId): readonly PaymentOperation[] {
    return this.tables.operations(session);
  }

  openOperations(): readonly PaymentOperation[] {
    return this.tables.openOperations();
  }

  openAttempts(): readonly ChargeAttempt[] {
    return this.tables.attempts.open();
  }

  openSessions(): readonly SessionRecord[] {
    return this.tables.openSessions();
  }

  answer(key: string): StoredAnswer | undefined {
    return this.tables.answer(key);
  }

  webhookCursors(session?: SessionId): readonly WebhookCursor[] {
    return this.tables.webhookCursors(session);
  }

  /** Once a change holds: what is over its retention goes. Returns the sessions that went. */
  protected retain(change: StoreChange): readonly SessionId[] {
    const session = change.events?.[0]?.session;
    if (session) this.tables.forgetEvents(session);
    return this.tables.forget();
  }
}
