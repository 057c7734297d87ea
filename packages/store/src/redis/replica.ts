import type { EventEnvelope, SessionId } from '@sordino/core';
import type {
  ChargeAttempt,
  PaymentOperation,
  SessionRecord,
  StoredAnswer,
  WebhookCursor,
} from '@sordino/payments';
import {
  ANSWER_KEPT_MS,
  EVENTS_PER_SESSION_MAX,
  REDIS_OPEN_SESSION_KEPT_MS,
  REDIS_SESSION_KEPT_MS,
  REDIS_TOMBSTONE_MS,
} from '../limits.ts';
import type { SessionImage } from '../memory/image.ts';
import { reasonOf } from '../store-error.ts';
import { isConnecting, type RedisLink } from './link.ts';
import { ADOPT, ANSWER, FORGET, READ, type Script, WRITE } from './scripts.ts';

/**
 * What became of a write. `differs`: Redis was not where we thought, nothing changed. `refused`: it said no. `doubtful`: it said
 * nothing; the write may have been done, or be done yet.
 */
export type Written = 'stored' | 'fenced' | 'differs' | 'refused' | 'doubtful';

/** A session in Redis, and whose it is. */
export interface Held extends SessionImage {
  readonly owner: string | undefined;
  /** Place in the order of creation of its owner. */
  readonly order: number;
  readonly version: number | undefined;
}

/** The sessions in Redis, one script each. */
export class RedisReplica {
  readonly #link: RedisLink;
  #order: number;

  constructor(link: RedisLink) {
    this.#link = link;
    // A later start has later numbers, as its epochs are.
    this.#order = link.epoch * ORDERS_PER_EPOCH;
  }

  /** `change` follows on `before`, the version that was the newest. */
  step(id: SessionId, before: number | undefined, change: SessionImage, open: boolean): Promise<Written> {
    return this.#write(id, 'step', before, change, open, []);
  }

  whole(id: SessionId, image: SessionImage, open: boolean, withdrawn: readonly string[]): Promise<Written> {
    return this.#write(id, 'whole', undefined, image, open, withdrawn);
  }

  forget(id: SessionId, withdrawn: readonly string[]): Promise<Written> {
    const { writer, epoch, keys } = this.#link;
    return this.#run(FORGET, keys.session(id), [
      writer,
      epoch,
      keys.changes,
      REDIS_TOMBSTONE_MS,
      ...withdrawn,
    ]);
  }

  adopt(id: SessionId, from: string): Promise<Written> {
    const { writer, epoch, keys } = this.#link;
    return this.#run(ADOPT, [keys.session(id)[0]], [writer, epoch, from, keys.changes]);
  }

  answer(answer: StoredAnswer, nowMs: number): Promise<Written> {
    const { writer, keys } = this.#link;
    const ttlMs = Math.max(1, ANSWER_KEPT_MS - (nowMs - answer.created));
    return this.#run(
      ANSWER,
      [keys.answer(answer.key)],
      [writer, keys.changes, JSON.stringify(answer), ttlMs],
    );
  }

  /** Events after `seq` only. */
  async read(id: SessionId, seq: number): Promise<Held> {
    const reply = await this.#link.run(READ, this.#link.keys.session(id), [seq, EVENTS_PER_SESSION_MAX * 2]);
    const [hash, stream, made] = reply as [string[], [string, string[]][], string[]];
    const fields = pairs(hash);
    const record = fields.get('d');
    const version = fields.get('v');
    const money = pairs(made);
    return {
      ...(record === undefined ? {} : { session: JSON.parse(record) as SessionRecord }),
      events: stream.map(([, entry]) => JSON.parse(entry[1] ?? '') as EventEnvelope),
      attempts: inOrder<ChargeAttempt>(money, 'att_'),
      operations: inOrder<PaymentOperation>(money, 'op_'),
      cursors: [...fields]
        .filter(([name]) => name.startsWith('c:'))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, text]) => JSON.parse(text) as WebhookCursor),
      owner: fields.get('o'),
      order: Number(fields.get('n') ?? 0),
      version: version === undefined ? undefined : Number(version),
    };
  }

  #write(
    id: SessionId,
    mode: 'step' | 'whole',
    before: number | undefined,
    { session, events, attempts, operations, cursors }: SessionImage,
    open: boolean,
    withdrawn: readonly string[],
  ): Promise<Written> {
    const { writer, epoch, keys } = this.#link;
    const money = [...attempts, ...operations];
    this.#order += 1;
    return this.#run(WRITE, keys.session(id), [
      ...[writer, epoch, mode, before ?? '', session?.version ?? ''],
      session === undefined ? '' : JSON.stringify(session),
      open ? REDIS_OPEN_SESSION_KEPT_MS : REDIS_SESSION_KEPT_MS,
      this.#order,
      ...[keys.changes, EVENTS_PER_SESSION_MAX],
      ...[events.length, money.length, cursors.length, withdrawn.length],
      ...events.flatMap((event) => [event.seq, JSON.stringify(event)]),
      ...money.flatMap((entry) => [entry.id, JSON.stringify(entry), ++this.#order]),
      ...cursors.flatMap((cursor) => [cursor.endpoint, JSON.stringify(cursor)]),
      ...withdrawn,
    ]);
  }

  async #run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<Written> {
    try {
      const [said, owner] = (await this.#link.run(script, keys, args)) as [
        'ok' | 'fenced' | 'differs',
        string?,
      ];
      if (said === 'fenced' && owner === this.#link.writer) {
        this.#link.abandon();
        return 'refused';
      }
      return said === 'ok' ? 'stored' : said;
    } catch (error) {
      this.#link.suspect(error);
      return isRefusal(error) ? 'refused' : 'doubtful';
    }
  }
}

/** With the epochs of one start that is room for 10^9 sessions, and ten million starts stay below 2^53. */
const ORDERS_PER_EPOCH = 1_000;

/** Redis answered with an error, or was not asked at all. */
const isRefusal = (error: unknown): boolean => isReplyError(error) || isConnecting(reasonOf(error));

const isReplyError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'ReplyError';

function inOrder<Entry>(money: ReadonlyMap<string, string>, prefix: string): Entry[] {
  const order = (id: string) => Number(money.get(`n:${id}`) ?? 0);
  return [...money]
    .filter(([id]) => id.startsWith(prefix))
    .sort(([a], [b]) => order(a) - order(b))
    .map(([, text]) => JSON.parse(text) as Entry);
}

function pairs(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let at = 0; at + 1 < flat.length; at += 2) map.set(flat[at] as string, flat[at + 1] as string);
  return map;
}
