import type { AttemptId, ConnectorId, EventEnvelope, SessionId } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import type { PaymentOperation } from '../charge/operation.ts';
import type { SessionRecord } from '../session/record.ts';
import type { WebhookCursor } from '../webhooks/cursor.ts';

/**
 * One durable change: the session's new record, the events it made and, where there is one, the attempt. All or nothing, in order.
 * No field of any of them can hold card data.
 */
export interface StoreChange {
  readonly session?: SessionRecord;
  readonly events?: readonly EventEnvelope[];
  readonly attempt?: ChargeAttempt;
  readonly operation?: PaymentOperation;
  /** Remembered answer of an idempotent request. */
  readonly answer?: StoredAnswer;
  /** Of sessions that are known, or in the same change. */
  readonly cursors?: readonly WebhookCursor[];
}

export interface StoredAnswer {
  /** `tenant/route/key` */
  readonly key: string;
  /** SHA-256 of the request body: the same key with another body is an error. */
  readonly bodyHash: string;
  readonly status: number;
  readonly body: string;
  /** Unix ms; forgotten after 24 h. */
  readonly created: number;
}

export interface SessionFilter {
  readonly tenant: string;
  /** Live and test are never in one list. */
  readonly livemode: boolean;
  readonly platform?: string;
  readonly callId?: string;
  readonly status?: string;
  readonly topology?: string;
  /** Sessions made before this one, newest first. */
  readonly startingAfter?: SessionId;
  readonly limit: number;
}

/**
 * Sessions, events, attempts and idempotent answers. The contract suite in `@sordino/store` runs over every implementation. Where several
 * processes share a store, all read everything; each writes its own sessions, and `open…` and `webhookCursors()` are of those only.
 */
export interface PaymentStore {
  /** Applies at once in memory (reads see it on return) and resolves when it is on disk. Rejects: nothing was applied. */
  commit(change: StoreChange): Promise<void>;
  session(id: SessionId): SessionRecord | undefined;
  sessions(filter: SessionFilter): { readonly data: readonly SessionRecord[]; readonly hasMore: boolean };
  /** Events with `seq` > `after`, at most `limit`. */
  events(session: SessionId, after: number, limit: number): readonly EventEnvelope[];
  attempt(id: AttemptId): ChargeAttempt | undefined;
  attemptByKey(key: string): ChargeAttempt | undefined;
  /** `end`: the last `KEY_END_CHARACTERS` of its key. */
  attemptByKeyEnd(end: string): ChargeAttempt | undefined;
  attemptByGatewayId(connector: ConnectorId, gatewayId: string): ChargeAttempt | undefined;
  /** Attempts whose outcome is not final: what a restart has to find out. */
  openAttempts(): readonly ChargeAttempt[];
  /** Of all processes that share the store: attempts whose outcome is not final, of the card with this tag. */
  openAttemptsOfCard(cardTag: string): readonly ChargeAttempt[];
  /** Of one session, in order of creation. They go when their session goes, and it stays as long as one is open. */
  operations(session: SessionId): readonly PaymentOperation[];
  /** Operations that are `sending` or `unknown`. */
  openOperations(): readonly PaymentOperation[];
  /** Sessions that were not finished: what a restart has to close. */
  openSessions(): readonly SessionRecord[];
  answer(key: string): StoredAnswer | undefined;
  /** How far each webhook endpoint is with a session, or with all of them. They go when their session goes. */
  webhookCursors(session?: SessionId): readonly WebhookCursor[];
  close(): Promise<void>;
}
