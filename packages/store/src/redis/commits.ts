import type { Log, SessionId } from '@sordino/core';
import type { StoreChange, StoredAnswer } from '@sordino/payments';
import type { Journal } from '../journal/open-journal.ts';
import { REDIS_ANSWERS_WAITING_MAX, REDIS_DOUBT_MAX_MS, REDIS_SESSIONS_PER_ROUND } from '../limits.ts';
import type { Undo } from '../memory/table.ts';
import type { Tables } from '../memory/tables.ts';
import { reasonOf, StoreError } from '../store-error.ts';
import type { RedisLink } from './link.ts';
import type { RedisReplica, Written } from './replica.ts';

/** One change that is applied in memory and not acknowledged yet. */
export interface Commit {
  readonly id: SessionId | undefined;
  readonly change: StoreChange;
  /** As it goes into the journal. */
  readonly text: string;
  /** The session's version before it. */
  readonly before: number | undefined;
  /** It begins something (a session, a charge): only with Redis. Everything else goes on without. */
  readonly begins: boolean;
  readonly undo: Undo;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/** The commits of one session that go together. */
interface Group {
  readonly id: SessionId | undefined;
  readonly commits: Commit[];
}

interface Said {
  readonly group: Group;
  readonly written: Written;
  readonly isRepair: boolean;
}

/** Redis fell silent on a group: what came after it waits with it. */
interface Doubt {
  readonly group: Group;
  readonly held: Commit[];
  readonly timer: NodeJS.Timeout;
}

export interface CommitsOptions {
  readonly link: RedisLink;
  readonly replica: RedisReplica;
  readonly tables: Tables;
  readonly journal: Journal;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly durable: (change: StoreChange) => void;
  /** Redis says that the session is another process's. */
  readonly fenced: (id: SessionId) => void;
}

/**
 * One round after the other: every waiting commit to Redis (one script per session), then those that may go on into the journal with one
 * fsync, then their answers. A session that Redis does not have as it is here is written whole in a later round.
 */
export class RedisCommits {
  readonly #options: CommitsOptions;
  #queue: Commit[] = [];
  #running: Promise<void> | undefined;
  /** Sessions whose state here is newer than in Redis. */
  readonly #dirty = new Set<SessionId>();
  /** Answers that Redis does not have yet. */
  readonly #dirtyAnswers = new Map<string, StoredAnswer>();
  /** Attempts and operations that were taken back, and may be in Redis. */
  readonly #withdrawn = new Map<SessionId, Set<string>>();
  readonly #doubts = new Map<SessionId, Doubt>();
  readonly #underWay = new Set<SessionId>();

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  push(commit: Commit): void {
    this.#queue.push(commit);
    this.wake();
  }

  /** The session has to be written as it is here. */
  differs(id: SessionId): void {
    this.#dirty.add(id);
    if (this.#options.link.up) this.wake();
  }

  wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#hasWork()) this.wake();
    });
  }

  /** Nothing is written for it any more; what waits is refused. False while a write is under way: that one will be refused. */
  giveUp(id: SessionId, error: StoreError): boolean {
    if (this.#underWay.has(id)) return false;
    const doubt = this.#doubts.get(id);
    this.#fail(doubt?.group ?? { id, commits: [] }, error);
    this.#dirty.delete(id);
    this.#withdrawn.delete(id);
    return true;
  }

  /** Resolves when nothing waits that can be done now. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** What still waits for word from Redis is refused. */
  endDoubts(error: StoreError): void {
    for (const { group } of this.#doubts.values()) this.#fail(group, error);
  }

  #hasWork(): boolean {
    return (
      this.#queue.length > 0 || (this.#options.link.up && this.#dirty.size + this.#dirtyAnswers.size > 0)
    );
  }

  async #run(): Promise<void> {
    // Commits of the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#hasWork()) await this.#round();
  }

  async #round(): Promise<void> {
    const groups = this.#groups();
    const repairs = this.#repairs(groups);
    for (const { id } of [...groups, ...repairs]) if (id !== undefined) this.#underWay.add(id);
    const said = await Promise.all([
      ...groups.map(async (group) => ({ group, written: await this.#replicate(group), isRepair: false })),
      ...repairs.map(async (group) => ({ group, written: await this.#repair(group.id), isRepair: true })),
      ...this.#answers(),
    ]);
    await Promise.all(
      said.flatMap((one) => (one === undefined ? [] : this.#judge(one))).map((group) => this.#write(group)),
    );
  }

  #groups(): Group[] {
    const groups = new Map<unknown, Group>();
    for (const commit of this.#queue.splice(0)) {
      const { id } = commit;
      const doubt = id === undefined ? undefined : this.#doubts.get(id);
      if (doubt !== undefined) {
        doubt.held.push(commit);
        continue;
      }
      const group = groups.get(id ?? commit) ?? { id, commits: [] };
      group.commits.push(commit);
      groups.set(id ?? commit, group);
    }
    return [...groups.values()];
  }

  #repairs(groups: readonly Group[]): { readonly id: SessionId; readonly commits: Commit[] }[] {
    if (!this.#options.link.up) return [];
    const busy = new Set(groups.map(({ id }) => id));
    const repairs: { id: SessionId; commits: Commit[] }[] = [];
    for (const id of this.#dirty) {
      if (repairs.length === REDIS_SESSIONS_PER_ROUND) break;
      if (!busy.has(id)) repairs.push({ id, commits: [] });
    }
    return repairs;
  }

  async #replicate({ id, commits }: Group): Promise<Written> {
    const { link, replica, tables } = this.#options;
    for (const { change } of commits) if (change.answer) this.#keep(change.answer);
    if (id === undefined) return 'stored';
    if (!link.up) return 'refused';
    if (this.#dirty.has(id)) return this.#repair(id);
    const changes = commits.map(({ change }) => change);
    const session = changes.findLast((change) => change.session)?.session;
    const written = await replica.step(
      id,
      commits[0]?.before,
      {
        ...(session === undefined ? {} : { session }),
        events: changes.flatMap(({ events }) => events ?? []),
        attempts: changes.flatMap(({ attempt }) => attempt ?? []),
        operations: changes.flatMap(({ operation }) => operation ?? []),
        cursors: changes.flatMap(({ cursors }) => cursors?.filter((cursor) => cursor.session === id) ?? []),
      },
      tables.isOpen(id),
    );
    // Redis has lost something (a failover, a FLUSHALL) or has what was taken back here. The session is ours, so what is here holds.
    return written === 'differs' ? this.#repair(id) : written;
  }

  /** Makes Redis what is here, and forgets what is not here. */
  async #repair(id: SessionId): Promise<Written> {
    const { replica, tables } = this.#options;
    const withdrawn = [...(this.#withdrawn.get(id) ?? [])];
    this.#dirty.delete(id);
    this.#withdrawn.delete(id);
    const image = tables.images(new Set([id])).get(id);
    const isEmpty = image === undefined || (!tables.has(id) && image.attempts.length === 0);
    const written = await (isEmpty
      ? replica.forget(id, withdrawn)
      : replica.whole(id, image, tables.isOpen(id), withdrawn));
    if (written === 'stored' || written === 'fenced') return written;
    this.#dirty.add(id);
    for (const money of withdrawn) this.#withdraw(id, money);
    return written;
  }

  #answers(): Promise<void>[] {
    const { link, replica, nowMs } = this.#options;
    if (!link.up) return [];
    return [...this.#dirtyAnswers.values()].slice(0, REDIS_SESSIONS_PER_ROUND).map(async (answer) => {
      this.#dirtyAnswers.delete(answer.key);
      if ((await replica.answer(answer, nowMs())) !== 'stored') this.#keep(answer);
    });
  }

  #keep(answer: StoredAnswer): void {
    this.#dirtyAnswers.set(answer.key, answer);
    if (this.#dirtyAnswers.size <= REDIS_ANSWERS_WAITING_MAX) return;
    const [oldest] = this.#dirtyAnswers.keys();
    if (oldest !== undefined) this.#dirtyAnswers.delete(oldest);
  }

  /** What may go on to the journal. */
  #judge({ group, written, isRepair }: Said): readonly Group[] {
    const { id } = group;
    if (id === undefined) return [group];
    this.#underWay.delete(id);
    if (written === 'fenced') {
      this.#fail(this.#doubts.get(id)?.group ?? group, fencedError(id));
      this.#options.fenced(id);
      return [];
    }
    if (written === 'stored') return isRepair ? this.#endDoubt(id) : [group];
    this.#dirty.add(id);
    if (isRepair) return [];
    if (!group.commits.some(({ begins }) => begins)) return [group];
    if (written === 'doubtful') this.#doubt(id, group);
    else this.#fail(group, awayError());
    return [];
  }

  #doubt(id: SessionId, group: Group): void {
    const timer = setTimeout(() => this.#fail(group, awayError()), REDIS_DOUBT_MAX_MS);
    this.#doubts.set(id, { group, held: [], timer });
  }

  /** Redis has it, and what came after it too: the whole session was written. */
  #endDoubt(id: SessionId): readonly Group[] {
    const doubt = this.#doubts.get(id);
    if (doubt === undefined) return [];
    clearTimeout(doubt.timer);
    this.#doubts.delete(id);
    return [{ id, commits: [...doubt.group.commits, ...doubt.held] }];
  }

  async #write(group: Group): Promise<void> {
    const { journal, durable } = this.#options;
    const { id, commits } = group;
    const written = await Promise.allSettled(commits.map(({ text }) => appendTo(journal, text)));
    for (const [at, one] of written.entries()) {
      if (one.status === 'fulfilled') continue;
      // The disk takes them in order: with one, all that follow are refused.
      const { reason } = one;
      if (id !== undefined) this.#dirty.add(id);
      this.#fail(
        { id, commits: commits.splice(at) },
        reason instanceof StoreError ? reason : new StoreError('io', reasonOf(reason), reason),
      );
      break;
    }
    for (const { change, resolve } of commits) {
      durable(change);
      resolve();
    }
  }

  /** Takes the group back, and before it everything that was built on it. */
  #fail(group: Group, error: StoreError): void {
    const { id } = group;
    const { tables, log } = this.#options;
    const doubt = id === undefined ? undefined : this.#doubts.get(id);
    if (id !== undefined && doubt !== undefined) {
      clearTimeout(doubt.timer);
      this.#doubts.delete(id);
    }
    const later = id === undefined ? [] : this.#queue.filter((commit) => commit.id === id);
    this.#queue = this.#queue.filter((commit) => !later.includes(commit));
    const lost = [...group.commits, ...(doubt?.held ?? []), ...later];
    for (const commit of lost.toReversed()) commit.undo();
    for (const { id, change } of lost) {
      if (id === undefined) continue;
      this.#dirty.add(id);
      const { attempt, operation } = change;
      if (attempt && !tables.attempts.get(attempt.id)) this.#withdraw(id, attempt.id);
      if (operation && !tables.operations(id).some((kept) => kept.id === operation.id))
        this.#withdraw(id, operation.id);
    }
    if (lost.length > 0) log.error('a commit was refused', { reason: error.message });
    for (const { reject } of lost) reject(error);
  }

  #withdraw(id: SessionId, money: string): void {
    this.#withdrawn.set(id, (this.#withdrawn.get(id) ?? new Set()).add(money));
  }
}

/** What is refused is undone by who asked: Redis has to follow. */
export function appendTo({ writer }: Journal, change: string): Promise<void> {
  return new Promise((resolve, reject) => writer.push({ change, undo: () => {}, resolve, reject }));
}

export const awayError = (): StoreError =>
  new StoreError(
    'unavailable',
    'redis is away: nothing new begins until it is back; nothing of this change was kept.',
  );

export const fencedError = (id: SessionId): StoreError =>
  new StoreError('fenced', `session ${id} belongs to another process: ask that one to change it.`);
