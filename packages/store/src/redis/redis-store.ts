import type { Clock, EventEnvelope, SessionId } from '@sordino/core';
import type {
  ChargeAttempt,
  PaymentOperation,
  PaymentStore,
  SessionRecord,
  StoreChange,
  WebhookCursor,
} from '@sordino/payments';
import { lineText } from '../journal/line.ts';
import { type Journal, type JournalOptions, openJournal } from '../journal/open-journal.ts';
import { COMPACTED_EVENTS_PER_LINE, REDIS_START_WAIT_MS } from '../limits.ts';
import type { Relinquished, SessionImage } from '../memory/image.ts';
import { TableStore } from '../memory/table-store.ts';
import { RETENTION, type Retention, Tables } from '../memory/tables.ts';
import { reasonOf, StoreError } from '../store-error.ts';
import type { RedisAccess } from './access.ts';
import { appendTo, awayError, fencedError, RedisCommits } from './commits.ts';
import { nextIdentity, type WriterIdentity } from './identity.ts';
import { RedisKeys } from './keys.ts';
import { RedisLink } from './link.ts';
import { OthersSessions } from './others.ts';
import { type Held, RedisReplica } from './replica.ts';

/** `directory`: of this process's journal, and of no other's. */
export interface RedisStoreOptions extends JournalOptions {
  readonly access: RedisAccess;
  /** All keys begin with it; processes that share sessions share it. */
  readonly prefix?: string;
  readonly clock: Clock;
  readonly retention?: Retention;
  /** Not heard of for so long, a process is taken for dead. */
  readonly leaseMs?: number;
  /** A start waits so long for Redis, then goes on without. */
  readonly startWaitMs?: number;
  /** Sessions of a process that is gone are ours now: their attempts have to be resolved, their calls are over. */
  readonly onAdopted?: (sessions: ReadonlySet<SessionId>) => void;
}

export interface RedisPaymentStore extends PaymentStore {
  /** Redis takes writes and has everything that is here. Without it no session and no charge begins. */
  readonly isUp: boolean;
}

/**
 * Sessions shared through Redis, each written by one process; read from memory, where all of them are. What this process writes
 * is in its own journal too, and that is the record of money: Redis is put right from it. See docs/decisions/0028.
 * Rejects as `openJournalStore` does. A Redis that is away is no reason to reject: open charges can be looked up without it.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisPaymentStore> {
  const tables = new Tables(options.clock, options.retention ?? RETENTION);
  const journal = await openJournal(options, tables);
  try {
    const store = new SharedStore(options, tables, journal, await nextIdentity(options.directory));
    await store.started();
    return store;
  } catch (error) {
    await journal.close();
    throw error;
  }
}

class SharedStore extends TableStore implements RedisPaymentStore {
  readonly #options: RedisStoreOptions;
  readonly #journal: Journal;
  readonly #link: RedisLink;
  readonly #commits: RedisCommits;
  readonly #others: OthersSessions;
  #starting = true;
  #isThere: () => void = () => {};
  #closing: Promise<void> | undefined;

  constructor(options: RedisStoreOptions, tables: Tables, journal: Journal, identity: WriterIdentity) {
    super(tables);
    const { access, log, clock } = options;
    const lease = options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs };
    this.#options = options;
    this.#journal = journal;
    this.#link = new RedisLink({
      access,
      keys: new RedisKeys(options.prefix ?? 'sordino'),
      identity,
      log,
      ...lease,
    });
    const shared = { link: this.#link, replica: new RedisReplica(this.#link), tables, log };
    this.#commits = new RedisCommits({
      ...shared,
      journal,
      nowMs: () => clock.wallMs(),
      durable: (change) => this.#afterDurable(change),
      fenced: (id) => this.#lost(id, 'unknown'),
    });
    this.#others = new OthersSessions({
      ...shared,
      ...lease,
      nowMs: () => clock.wallMs(),
      differs: (id) => this.#commits.differs(id),
      ahead: (id, held) => this.#adopt(new Map([[id, held]])),
      lost: (id, owner) => this.#lost(id, owner),
      adopted: (sessions) => this.#adopt(sessions),
    });
  }

  get isUp(): boolean {
    return this.#link.up;
  }

  /** Resolves once Redis is there, or was waited for long enough. */
  async started(): Promise<void> {
    const there = new Promise<void>((resolve) => {
      this.#isThere = resolve;
    });
    this.#link.start({
      compare: (missed) => this.#others.compare(this.#starting, missed),
      look: () => this.#others.look(),
      changed: (message) => this.#others.onChange(message),
      up: () => {
        this.#starting = false;
        this.#isThere();
        this.#commits.wake();
      },
    });
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      there,
      new Promise((resolve) => {
        timer = setTimeout(resolve, this.#options.startWaitMs ?? REDIS_START_WAIT_MS);
      }),
    ]);
    clearTimeout(timer);
  }

  override commit(change: StoreChange): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closing) throw new StoreError('closed', 'the store is closed: commit before close().');
      if (this.#journal.writer.broken) throw this.#journal.writer.broken;
      const text = lineText(change);
      const id = sessionOf(change);
      if (id !== undefined && this.#others.ownerOf(id) !== undefined) throw fencedError(id);
      const begins = this.#begins(change);
      if (begins && !this.#link.up) throw awayError();
      const before = id === undefined ? undefined : this.tables.session(id)?.version;
      const undo = this.tables.apply(change);
      this.#commits.push({ id, change, text, before, begins, undo, resolve, reject });
      for (const { session } of change.cursors ?? []) if (session !== id) this.#commits.differs(session);
    });
  }

  override openAttempts(): readonly ChargeAttempt[] {
    return super.openAttempts().filter(({ session }) => this.#isOurs(session));
  }

  override openOperations(): readonly PaymentOperation[] {
    return super.openOperations().filter(({ session }) => this.#isOurs(session));
  }

  override openSessions(): readonly SessionRecord[] {
    return super.openSessions().filter(({ id }) => this.#isOurs(id));
  }

  override webhookCursors(session?: SessionId): readonly WebhookCursor[] {
    const cursors = super.webhookCursors(session);
    return session === undefined ? cursors.filter((cursor) => this.#isOurs(cursor.session)) : cursors;
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.idle();
    this.#commits.endDoubts(awayError());
    await this.#link.close();
    await this.#journal.close();
  }

  #isOurs(id: SessionId): boolean {
    return this.#others.ownerOf(id) === undefined;
  }

  #begins({ session, attempt, operation }: StoreChange): boolean {
    const { tables } = this;
    return (
      (session !== undefined && tables.session(session.id) === undefined) ||
      (attempt !== undefined && tables.attempts.get(attempt.id) === undefined) ||
      (operation !== undefined && !tables.operations(operation.session).some(({ id }) => id === operation.id))
    );
  }

  #afterDurable(change: StoreChange): void {
    for (const id of this.retain(change)) if (!this.#others.forget(id)) this.#commits.differs(id);
  }

  /** What comes from Redis is written down here before anybody works on it. */
  #adopt(sessions: ReadonlyMap<SessionId, Held>): void {
    const taken = new Set<SessionId>();
    for (const [id, held] of sessions) {
      if (isEmpty(held)) continue;
      this.tables.mirror(id, held);
      this.#writeDown({ relinquished: id }, ...changesOf(held));
      this.#commits.differs(id);
      taken.add(id);
    }
    if (!this.#starting && taken.size > 0) this.#options.onAdopted?.(taken);
  }

  #lost(id: SessionId, owner: string): void {
    if (!this.#commits.giveUp(id, fencedError(id))) return;
    if (this.#others.ownerOf(id) !== undefined) return;
    this.#options.log.error('a session of this process was taken over by another one', {
      session: id,
      owner,
    });
    this.#others.belongsTo(id, owner);
    this.#writeDown({ relinquished: id });
    this.#others.readAgain(id);
  }

  #writeDown(...changes: readonly (StoreChange | Relinquished)[]): void {
    for (const change of changes)
      appendTo(this.#journal, lineText(change)).catch((error: unknown) =>
        this.#options.log.error('the journal could not be written', { reason: reasonOf(error) }),
      );
  }
}

function sessionOf({ session, events, attempt, operation, cursors }: StoreChange): SessionId | undefined {
  const [first]: readonly EventEnvelope[] = events ?? [];
  return session?.id ?? first?.session ?? attempt?.session ?? operation?.session ?? cursors?.[0]?.session;
}

/** Of a session that was forgotten, only money without an owner to it may be left. */
const isEmpty = ({ session, events, attempts, operations }: SessionImage): boolean =>
  session === undefined &&
  events.length === 0 &&
  ![...attempts, ...operations].some(({ state }) => state === 'sending' || state === 'unknown');

function* changesOf({
  session,
  events,
  attempts,
  operations,
  cursors,
}: SessionImage): Generator<StoreChange> {
  if (session !== undefined) yield { session };
  for (let from = 0; from < events.length; from += COMPACTED_EVENTS_PER_LINE)
    yield { events: events.slice(from, from + COMPACTED_EVENTS_PER_LINE) };
  for (const attempt of attempts) yield { attempt };
  for (const operation of operations) yield { operation };
  if (cursors.length > 0) yield { cursors };
}
