import type { Log, SessionId } from '@sordino/core';
import type { StoredAnswer } from '@sordino/payments';
import { REDIS_LEASE_MS, REDIS_SESSION_KEPT_MS, REDIS_SESSIONS_PER_ROUND } from '../limits.ts';
import type { Tables } from '../memory/tables.ts';
import { reasonOf } from '../store-error.ts';
import type { RedisLink } from './link.ts';
import type { Held, RedisReplica } from './replica.ts';

export interface OthersOptions {
  readonly link: RedisLink;
  readonly replica: RedisReplica;
  readonly tables: Tables;
  readonly log: Log;
  readonly leaseMs?: number;
  /** Wall clock, Unix ms. */
  readonly nowMs: () => number;
  /** A session of ours is not in Redis, or not as it is here. */
  readonly differs: (id: SessionId) => void;
  /** Redis has more of a session of ours than we: our journal lost it, or never got the last of it. */
  readonly ahead: (id: SessionId, held: Held) => void;
  /** A session that was ours belongs to another process. */
  readonly lost: (id: SessionId, owner: string) => void;
  /** Sessions of a process that is gone are ours now. */
  readonly adopted: (sessions: ReadonlyMap<SessionId, Held>) => void;
}

/** The sessions of other processes, as Redis has them: read when they change, all of them when we come back. */
export class OthersSessions {
  readonly #options: OthersOptions;
  readonly #owners = new Map<SessionId, string>();
  /** Sessions and answers that others changed. */
  readonly #changed = new Set<string>();
  #reading: Promise<void> | undefined;
  /** When a process was first missed. */
  readonly #missed = new Map<string, number>();

  constructor(options: OthersOptions) {
    this.#options = options;
  }

  ownerOf(id: SessionId): string | undefined {
    return this.#owners.get(id);
  }

  belongsTo(id: SessionId, owner: string): void {
    this.#owners.set(id, owner);
  }

  forget(id: SessionId): boolean {
    return this.#owners.delete(id);
  }

  /** `WRITER session KEY`, `WRITER answer KEY`. */
  onChange(message: string): void {
    const [writer, kind] = message.split(' ', 2);
    if (writer === this.#options.link.writer || kind === undefined) return;
    this.#read(message.slice(`${writer} `.length));
  }

  readAgain(id: SessionId): void {
    this.#read(`session ${this.#options.link.keys.session(id)[0]}`);
  }

  #read(change: string): void {
    this.#changed.add(change);
    this.#reading ??= this.#readChanged().finally(() => {
      this.#reading = undefined;
    });
  }

  /** `starting`: what Redis has more than our journal is taken. `missed`: changes of others were not heard of. */
  async compare(starting: boolean, missed: boolean): Promise<void> {
    const { link, tables } = this.#options;
    // Redis may have forgotten everybody's lease: all get a whole one to say that they live.
    if (!link.up) this.#missed.clear();
    const seen = new Set<SessionId>();
    const gathered: Found[] = [];
    for await (const keys of link.scan(link.keys.allSessions)) {
      const fresh = [...new Set(keys.map((key) => link.keys.sessionOf(key)))].filter(
        (id) => id !== undefined && !seen.has(id),
      ) as SessionId[];
      for (const id of fresh) seen.add(id);
      const found = await Promise.all(fresh.map(async (id) => [id, await this.#heads(id)] as const));
      const read = found.filter(([id, head]) => this.#isToBeRead(id, head, starting)).map(([id]) => id);
      gathered.push(...(await Promise.all(read.map((id) => this.#readable(id)))).flat());
    }
    // In the order in which they were made: lists are.
    for (const { id, held } of gathered.sort(byCreation)) {
      // It has changed since, and that was heard of.
      if ((tables.session(id)?.version ?? 0) > (held.version ?? 0)) this.readAgain(id);
      else this.#place(id, held);
    }
    for (const id of tables.sessionIds())
      if (!seen.has(id) && !this.#owners.has(id) && !this.#isPast(id)) this.#options.differs(id);
    if (!missed) return;
    for await (const keys of link.scan(link.keys.allAnswers)) await this.#readAnswers(keys);
  }

  /** What the dead have left is taken over, once they were not heard of for a whole lease. */
  async look(): Promise<void> {
    const { link, tables, log, leaseMs = REDIS_LEASE_MS } = this.#options;
    const now = performance.now();
    const writers = new Set(this.#owners.values());
    for (const writer of this.#missed.keys()) if (!writers.has(writer)) this.#missed.delete(writer);
    for (const writer of writers) {
      if ((await link.value(link.keys.writer(writer))) !== null) {
        this.#missed.delete(writer);
        continue;
      }
      const since = this.#missed.get(writer) ?? now;
      this.#missed.set(writer, since);
      if (now - since < leaseMs) continue;
      const left = [...this.#owners].filter(([, owner]) => owner === writer).map(([id]) => id);
      // What is open at once, the rest little by little.
      const open = left.filter((id) => tables.isOpen(id));
      const rest = left.filter((id) => !tables.isOpen(id)).slice(0, REDIS_SESSIONS_PER_ROUND);
      const adopted = await this.#adopt([...open, ...rest], writer);
      if (adopted.size === 0) continue;
      log.warn('took over the sessions of a process that is gone', { writer, sessions: adopted.size });
      this.#options.adopted(adopted);
    }
  }

  async #adopt(ids: readonly SessionId[], from: string): Promise<ReadonlyMap<SessionId, Held>> {
    const { replica } = this.#options;
    const ours = await Promise.all(ids.map(async (id) => (await replica.adopt(id, from)) === 'stored'));
    const taken = ids.filter((_id, at) => ours[at]);
    const held = await Promise.all(taken.map(async (id) => [id, await replica.read(id, 0)] as const));
    for (const id of taken) this.#owners.delete(id);
    return new Map(held);
  }

  async #heads(id: SessionId): Promise<Head> {
    const { link } = this.#options;
    const [owner, version] = await link.fields(link.keys.session(id)[0], 'o', 'v');
    return { owner: owner ?? undefined, version: version === null ? undefined : Number(version) };
  }

  #isToBeRead(id: SessionId, { owner, version }: Head, starting: boolean): boolean {
    const { link, tables, differs, lost } = this.#options;
    const here = tables.session(id)?.version;
    if (owner === undefined) {
      if (!this.#owners.has(id) && tables.has(id)) differs(id);
      return false;
    }
    if (owner !== link.writer) {
      if (this.#owners.get(id) === owner) return version !== here;
      if (!this.#owners.has(id) && tables.has(id)) lost(id, owner);
      return true;
    }
    // Taken over, and then we could not read it.
    if (this.#owners.has(id)) return true;
    if (version === here) return starting && !tables.has(id);
    if (starting && version !== undefined && (here === undefined || version > here)) return true;
    differs(id);
    return false;
  }

  /** Redis has let it go in its time. */
  #isPast(id: SessionId): boolean {
    const { tables, nowMs } = this.#options;
    return !tables.isOpen(id) && nowMs() - (tables.session(id)?.updated ?? 0) > REDIS_SESSION_KEPT_MS;
  }

  /** One that somebody else wrote with our prefix keeps nobody from the others. */
  async #readable(id: SessionId): Promise<Found[]> {
    try {
      return [await this.#whole(id)];
    } catch (error) {
      const isSilence = !(reasonOf(error).startsWith('WRONGTYPE') || isSyntaxError(error));
      if (isSilence) throw error;
      this.#options.log.error('a session in redis cannot be read', { session: id, reason: reasonOf(error) });
      return [];
    }
  }

  async #whole(id: SessionId): Promise<Found> {
    return { id, held: await this.#options.replica.read(id, 0) };
  }

  #place(id: SessionId, held: Held): void {
    const { link, tables, ahead } = this.#options;
    if (held.owner === undefined) return;
    if (held.owner === link.writer) {
      this.#owners.delete(id);
      ahead(id, held);
      return;
    }
    if (held.session === undefined && held.events.length === 0) {
      // It was forgotten where it is from.
      this.#owners.delete(id);
      tables.drop(id);
      return;
    }
    this.#owners.set(id, held.owner);
    tables.mirror(id, held);
  }

  async #readChanged(): Promise<void> {
    const { link, lost } = this.#options;
    // Changes of one turn are read once.
    await Promise.resolve();
    try {
      while (this.#changed.size > 0) {
        const some = [...this.#changed].slice(0, REDIS_SESSIONS_PER_ROUND);
        for (const change of some) this.#changed.delete(change);
        const keys = (kind: string) =>
          some
            .filter((change) => change.startsWith(`${kind} `))
            .map((change) => change.slice(kind.length + 1));
        await this.#readAnswers(keys('answer'));
        const ids = keys('session').flatMap((key) => link.keys.sessionOf(key) ?? []);
        for (const { id, held } of (await Promise.all(ids.map((id) => this.#news(id)))).flat()) {
          const isOurs = held.owner === link.writer;
          if (held.owner !== undefined && !isOurs && this.#isOwn(id)) lost(id, held.owner);
          if (!isOurs) this.#place(id, held);
        }
      }
    } catch (error) {
      link.suspect(error);
    }
  }

  /** A session that was only added to is read from where we are. */
  async #news(id: SessionId): Promise<Found[]> {
    const { replica, tables } = this.#options;
    const known = tables.images(new Set([id])).get(id);
    const last = known?.events.at(-1)?.seq;
    if (last === undefined) return this.#readable(id);
    const held = await replica.read(id, last);
    const follows = held.events[0]?.seq === last + 1 || (held.session?.lastEventSeq ?? 0) === last;
    const isNewer = (held.version ?? 0) >= (known?.session?.version ?? 0);
    if (this.#owners.get(id) !== held.owner || !follows || !isNewer) return this.#readable(id);
    return [{ id, held: { ...held, events: [...(known?.events ?? []), ...held.events] } }];
  }

  #isOwn(id: SessionId): boolean {
    return !this.#owners.has(id) && this.#options.tables.has(id);
  }

  async #readAnswers(keys: readonly string[]): Promise<void> {
    const { link, tables } = this.#options;
    for (const text of await Promise.all(keys.map((key) => link.value(key)))) {
      if (text === null) continue;
      const answer = JSON.parse(text) as StoredAnswer;
      if (tables.answer(answer.key) === undefined) tables.apply({ answer });
    }
  }
}

interface Found {
  readonly id: SessionId;
  readonly held: Held;
}

interface Head {
  readonly owner: string | undefined;
  readonly version: number | undefined;
}

/** By name: it may come from another realm. */
const isSyntaxError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'SyntaxError';

const byCreation = (a: Found, b: Found): number =>
  createdOf(a.held) - createdOf(b.held) || a.held.order - b.held.order;

const createdOf = ({ session, attempts, operations, events }: Held): number =>
  [session, ...attempts, ...operations, ...events].find((one) => one !== undefined)?.created ?? 0;
