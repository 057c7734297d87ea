import type { Clock, EventEnvelope, SessionId } from '@sordino/core';
import type {
  ChargeAttempt,
  PaymentOperation,
  SessionFilter,
  SessionRecord,
  StoreChange,
  StoredAnswer,
  WebhookCursor,
} from '@sordino/payments';
import { ANSWER_KEPT_MS, ANSWERS_KEPT_MAX, EVENTS_PER_SESSION_MAX, SESSIONS_KEPT_MAX } from '../limits.ts';
import { StoreError } from '../store-error.ts';
import { AttemptTable } from './attempt-table.ts';
import type { Relinquished, SessionImage } from './image.ts';
import { matches } from './matches.ts';
import { OPEN, put, type Undo } from './table.ts';

/** Statuses after which nothing more happens to the payment once the call side has ended too. */
const SETTLED: ReadonlySet<string> = new Set(['approved', 'declined', 'failed', 'canceled', 'expired']);

export interface Retention {
  readonly sessionsKept: number;
  readonly eventsPerSession: number;
  readonly answersKept: number;
}

export const RETENTION: Retention = {
  sessionsKept: SESSIONS_KEPT_MAX,
  eventsPerSession: EVENTS_PER_SESSION_MAX,
  answersKept: ANSWERS_KEPT_MAX,
};

/** The state itself: what `memory` keeps and what `journal` rebuilds from disk. Only `apply`, `mirror` and what forgets change it. */
export class Tables {
  readonly #clock: Clock;
  readonly #retention: Retention;
  /** In order of creation: a Map keeps it. */
  readonly #sessions = new Map<SessionId, SessionRecord>();
  /** Newest last, for lists. */
  readonly #byTenant = new Map<string, SessionId[]>();
  readonly #events = new Map<SessionId, EventEnvelope[]>();
  readonly attempts = new AttemptTable();
  /** By session, then by operation, in order of creation. */
  readonly #operations = new Map<SessionId, Map<string, PaymentOperation>>();
  /** By session, then by endpoint. */
  readonly #cursors = new Map<SessionId, Map<string, WebhookCursor>>();
  /** In order of creation, so the oldest are first. */
  readonly #answers = new Map<string, StoredAnswer>();

  constructor(clock: Clock, retention: Retention = RETENTION) {
    this.#clock = clock;
    this.#retention = retention;
  }

  /** All or nothing: throws a `StoreError` before anything is changed. */
  apply(change: StoreChange): Undo {
    this.#check(change);
    const undo: Undo[] = [];
    if (change.session) undo.push(this.#putSession(change.session));
    if (change.events && change.events.length > 0) undo.push(this.#append(change.events));
    if (change.attempt) undo.push(...this.attempts.put(change.attempt));
    if (change.operation) undo.push(this.#putOperation(change.operation));
    if (change.answer) undo.push(put(this.#answers, change.answer.key, change.answer));
    for (const cursor of change.cursors ?? []) undo.push(this.#putCursor(cursor));
    return () => {
      for (const step of undo.reverse()) step();
    };
  }

  /** As `apply`, for a change read from disk: after compaction a session's events need not begin at 1. */
  replay(change: StoreChange | Relinquished): void {
    if ('relinquished' in change) {
      this.drop(change.relinquished);
      return;
    }
    const first = change.events?.[0];
    if (first && !this.#events.has(first.session)) this.#events.set(first.session, []);
    this.apply(change);
    if (first) this.forgetEvents(first.session);
    this.forget();
  }

  /** Drops what is over the limits. Called when a change can no longer be undone. Returns the sessions that went. */
  forget(): readonly SessionId[] {
    const gone = this.#forgetSessions();
    const now = this.#clock.wallMs();
    for (const [key, answer] of this.#answers) {
      if (now - answer.created < ANSWER_KEPT_MS && this.#answers.size <= this.#retention.answersKept) break;
      this.#answers.delete(key);
    }
    return gone;
  }

  /** What another process knows of its session, in the place of what was known here. */
  mirror(id: SessionId, { session, events, attempts, operations, cursors }: SessionImage): void {
    if (session === undefined) this.drop(id);
    else this.#putSession(session);
    if (events.length > 0) this.#events.set(id, [...events]);
    else this.#events.delete(id);
    for (const attempt of attempts) this.attempts.put(attempt);
    this.#operations.delete(id);
    for (const operation of operations) this.#putOperation(operation);
    this.#cursors.delete(id);
    for (const cursor of cursors) this.#putCursor(cursor);
  }

  drop(id: SessionId): void {
    const tenant = this.#sessions.get(id)?.tenant;
    this.#sessions.delete(id);
    this.#events.delete(id);
    this.#cursors.delete(id);
    const ids = (tenant === undefined ? undefined : this.#byTenant.get(tenant)) ?? [];
    const place = ids.lastIndexOf(id);
    if (place >= 0) ids.splice(place, 1);
    this.#operations.delete(id);
    this.attempts.dropAllOf(id);
  }

  /** Of several at once: one pass over the attempts for all of them. */
  images(ids: ReadonlySet<SessionId>): ReadonlyMap<SessionId, SessionImage> {
    const attempts = new Map([...ids].map((id): [SessionId, ChargeAttempt[]] => [id, []]));
    for (const attempt of this.attempts.all()) attempts.get(attempt.session)?.push(attempt);
    return new Map([...attempts].map(([id, made]) => [id, this.#image(id, made)]));
  }

  #image(id: SessionId, attempts: readonly ChargeAttempt[]): SessionImage {
    const session = this.#sessions.get(id);
    return {
      ...(session === undefined ? {} : { session }),
      events: this.#events.get(id) ?? [],
      attempts,
      operations: this.operations(id),
      cursors: this.webhookCursors(id),
    };
  }

  has(id: SessionId): boolean {
    return this.#sessions.has(id) || this.#events.has(id) || this.#operations.has(id);
  }

  /** Whether a charge or a call of it is open. What is not known may be. */
  isOpen(id: SessionId): boolean {
    const record = this.#sessions.get(id);
    return record === undefined || this.#isLive(record);
  }

  /** Whatever has something here, in order of creation. */
  sessionIds(): ReadonlySet<SessionId> {
    const ids = new Set<SessionId>([
      ...this.#sessions.keys(),
      ...this.#events.keys(),
      ...this.#operations.keys(),
    ]);
    for (const { session } of this.attempts.all()) ids.add(session);
    return ids;
  }

  /** Drops a session's oldest events, a tenth at a time so that the array is not moved on every event. */
  forgetEvents(session: SessionId): void {
    const events = this.#events.get(session);
    const kept = this.#retention.eventsPerSession;
    if (events && events.length > kept + kept / 10) events.splice(0, events.length - kept);
  }

  session(id: SessionId): SessionRecord | undefined {
    return this.#sessions.get(id);
  }

  sessions(filter: SessionFilter): { readonly data: readonly SessionRecord[]; readonly hasMore: boolean } {
    const ids = this.#byTenant.get(filter.tenant) ?? [];
    // A page that starts after an unknown or foreign session is empty, so that it tells nothing.
    let index =
      filter.startingAfter === undefined ? ids.length : this.#placeOf(filter.startingAfter, ids, filter);
    const data: SessionRecord[] = [];
    while (--index >= 0) {
      const record = this.#sessions.get(ids[index] as SessionId);
      if (!record || !matches(record, filter)) continue;
      if (data.length === filter.limit) return { data, hasMore: true };
      data.push(record);
    }
    return { data, hasMore: false };
  }

  events(session: SessionId, after: number, limit: number): readonly EventEnvelope[] {
    const events = this.#events.get(session) ?? [];
    const first = events[0];
    if (!first) return [];
    // `seq` has no gaps, so the place is known without searching.
    const from = Math.max(0, after - first.seq + 1);
    return events.slice(from, from + limit);
  }

  operations(session: SessionId): readonly PaymentOperation[] {
    return [...(this.#operations.get(session)?.values() ?? [])];
  }

  openOperations(): readonly PaymentOperation[] {
    return [...this.#operations.values()].flatMap((all) =>
      [...all.values()].filter(({ state }) => OPEN.has(state)),
    );
  }

  openSessions(): readonly SessionRecord[] {
    return [...this.#sessions.values()].filter(isOpen);
  }

  answer(key: string): StoredAnswer | undefined {
    const answer = this.#answers.get(key);
    return answer && this.#clock.wallMs() - answer.created < ANSWER_KEPT_MS ? answer : undefined;
  }

  webhookCursors(session?: SessionId): readonly WebhookCursor[] {
    if (session !== undefined) return [...(this.#cursors.get(session)?.values() ?? [])];
    return [...this.#cursors.values()].flatMap((cursors) => [...cursors.values()]);
  }

  /** The whole state as the shortest list of changes that makes it, in order of creation. */
  *snapshot(eventsPerLine: number): Generator<StoreChange> {
    for (const session of this.#sessions.values()) {
      const events = this.#events.get(session.id) ?? [];
      yield { session, events: events.slice(0, eventsPerLine) };
      for (let from = eventsPerLine; from < events.length; from += eventsPerLine)
        yield { events: events.slice(from, from + eventsPerLine) };
    }
    for (const attempt of this.attempts.all()) yield { attempt };
    for (const all of this.#operations.values()) for (const operation of all.values()) yield { operation };
    for (const cursors of this.#cursors.values()) yield { cursors: [...cursors.values()] };
    for (const answer of this.#answers.values()) yield { answer };
  }

  /** -1 for one that the list could never have shown. */
  #placeOf(id: SessionId, ids: readonly SessionId[], { livemode }: SessionFilter): number {
    return this.#sessions.get(id)?.livemode === livemode ? ids.lastIndexOf(id) : -1;
  }

  #check(change: StoreChange): void {
    const { session, events } = change;
    const known = session && this.#sessions.get(session.id);
    if (session && known && session.version < known.version)
      throw new StoreError(
        'stale_version',
        `session ${session.id}: version ${session.version} was committed after version ${known.version}. Read the session again before changing it.`,
      );
    if (session && !known && this.#sessions.size >= this.#retention.sessionsKept && !this.#oldestFinished())
      throw new StoreError(
        'full',
        `the store holds ${this.#sessions.size} sessions and none of them is finished: let some end before new ones begin.`,
      );
    let last = events?.[0] && this.#lastSeq(events[0].session);
    for (const event of events ?? []) {
      if (last !== undefined && event.seq !== last + 1)
        throw new StoreError(
          'seq_gap',
          `session ${event.session}: event seq ${event.seq} follows ${last}, but seq has no gaps. Commit the events of a session in order.`,
        );
      if (event.session !== events?.[0]?.session)
        throw new StoreError(
          'seq_gap',
          `one commit has events of two sessions (${event.session}): split it.`,
        );
      last = event.seq;
    }
  }

  /** 0 for a session without events; undefined when replay may begin anywhere. */
  #lastSeq(session: SessionId): number | undefined {
    const events = this.#events.get(session);
    if (!events) return 0;
    return events.at(-1)?.seq;
  }

  #putSession(record: SessionRecord): Undo {
    if (this.#sessions.has(record.id)) return put(this.#sessions, record.id, record);
    this.#sessions.set(record.id, record);
    const ids = this.#byTenant.get(record.tenant) ?? [];
    this.#byTenant.set(record.tenant, ids);
    ids.push(record.id);
    return () => {
      this.#sessions.delete(record.id);
      ids.splice(ids.lastIndexOf(record.id), 1);
    };
  }

  #putOperation(operation: PaymentOperation): Undo {
    const all = this.#operations.get(operation.session) ?? new Map<string, PaymentOperation>();
    this.#operations.set(operation.session, all);
    return put(all, operation.id, operation);
  }

  /** A session that is gone takes none: nothing of it would ever be sent. */
  #putCursor(cursor: WebhookCursor): Undo {
    if (!this.#sessions.has(cursor.session)) return () => {};
    const cursors = this.#cursors.get(cursor.session) ?? new Map<string, WebhookCursor>();
    this.#cursors.set(cursor.session, cursors);
    return put(cursors, cursor.endpoint, cursor);
  }

  #append(added: readonly EventEnvelope[]): Undo {
    const session = (added[0] as EventEnvelope).session;
    const events = this.#events.get(session) ?? [];
    this.#events.set(session, events);
    events.push(...added);
    return () => {
      events.length -= added.length;
      if (events.length === 0) this.#events.delete(session);
    };
  }

  #oldestFinished(): SessionRecord | undefined {
    for (const record of this.#sessions.values()) if (!this.#isLive(record)) return record;
    return undefined;
  }

  #isLive(record: SessionRecord): boolean {
    const attempt = record.attempt === null ? undefined : this.attempts.get(record.attempt);
    return (
      isOpen(record) ||
      (attempt !== undefined && OPEN.has(attempt.state)) ||
      this.operations(record.id).some(({ state }) => OPEN.has(state))
    );
  }

  #forgetSessions(): readonly SessionId[] {
    const gone: SessionId[] = [];
    while (this.#sessions.size > this.#retention.sessionsKept) {
      const oldest = this.#oldestFinished();
      if (!oldest) break;
      this.drop(oldest.id);
      gone.push(oldest.id);
    }
    return gone;
  }
}

function isOpen(record: SessionRecord): boolean {
  return !record.callEnded || !SETTLED.has(record.status);
}
