import type { Log } from '@sordino/core';
import { Cluster } from 'ioredis';
import {
  REDIS_ANSWER_MAX_MS,
  REDIS_COMPARE_EVERY_MS,
  REDIS_LEASE_MS,
  REDIS_PROBE_EVERY_MS,
} from '../limits.ts';
import { reasonOf } from '../store-error.ts';
import { connectRedis, type RedisAccess, type RedisClient } from './access.ts';
import type { WriterIdentity } from './identity.ts';
import type { RedisKeys } from './keys.ts';
import type { Script } from './scripts.ts';

/** A connection that is not ready after so long hangs on a peer that is gone: begin a new one. */
const STUCK_MS = 5_000;
/** Keys that one SCAN step looks at: a fraction of a millisecond of Redis. */
const SCAN_COUNT = 500;
/** Looks in one lease: two may fail and the process still lives. */
const LOOKS_PER_LEASE = 3;

export interface LinkOptions {
  readonly access: RedisAccess;
  readonly keys: RedisKeys;
  readonly identity: WriterIdentity;
  readonly log: Log;
  readonly leaseMs?: number;
}

export interface LinkUser {
  /** Everything is to be compared. Until it resolves for the first time, and after every loss, the link is not up. `missed`: changes were not heard of. */
  compare(missed: boolean): Promise<void>;
  /** Now and then while the link is up. */
  look(): Promise<void>;
  up(): void;
  changed(message: string): void;
}

/**
 * Whether Redis is there, and the commands to it. Down from the first sign of trouble; up again once it takes a write and everything was
 * compared with it. Each time that is a new epoch: what was under way before is refused by the fence.
 */
export class RedisLink {
  readonly keys: RedisKeys;
  readonly writer: string;
  readonly #log: Log;
  readonly #leaseMs: number;
  readonly #client: RedisClient;
  readonly #changes: RedisClient;
  #user: LinkUser | undefined;
  #epoch: number;
  #up = false;
  #losses = 0;
  #closed = false;
  #subscribed = false;
  #comparedMs = 0;
  #readyMs = performance.now();
  #saidAway: string | undefined;
  #lastError: string | undefined;
  #wake: () => void = () => {};
  #soon: NodeJS.Timeout | undefined;
  #watching: Promise<void> | undefined;

  constructor({ access, keys, identity, log, leaseMs }: LinkOptions) {
    this.keys = keys;
    this.writer = identity.id;
    this.#epoch = identity.firstEpoch;
    this.#log = log;
    this.#leaseMs = leaseMs ?? REDIS_LEASE_MS;
    this.#client = connectRedis(access);
    this.#changes = connectRedis(access);
    // Without a listener Node would end the process.
    for (const client of [this.#client, this.#changes])
      client.on('error', (error) => {
        this.#lastError = reasonOf(error);
      });
    this.#changes.on('message', (_channel: string, message: string) => this.#user?.changed(message));
    for (const client of [this.#client, this.#changes]) client.on('ready', () => this.#wake());
    // What was said meanwhile was not heard.
    this.#changes.on('close', () => {
      this.#subscribed = false;
      this.#comparedMs = 0;
    });
  }

  get up(): boolean {
    return this.#up;
  }

  get epoch(): number {
    return this.#epoch;
  }

  start(user: LinkUser): void {
    this.#user = user;
    this.#watching = this.#watch(user);
  }

  /** Rejects with what Redis said, or when it does not answer in time. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return answered(
      this.#client
        .evalsha(script.sha1, keys.length, ...keys, ...args)
        .catch((error: unknown) =>
          reasonOf(error).startsWith('NOSCRIPT')
            ? this.#client.eval(script.lua, keys.length, ...keys, ...args)
            : Promise.reject(error),
        ),
    );
  }

  fields(key: string, ...fields: readonly string[]): Promise<(string | null)[]> {
    return answered(this.#client.hmget(key, ...fields));
  }

  value(key: string): Promise<string | null> {
    return answered(this.#client.get(key));
  }

  /** Names of keys, some of them twice; each node of a Cluster is asked. */
  async *scan(pattern: string): AsyncGenerator<readonly string[]> {
    for (const node of this.#nodes()) {
      for (let cursor = '0'; ; ) {
        const [next, keys] = await answered(node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT));
        if (keys.length > 0) yield keys;
        if (next === '0') break;
        cursor = next;
      }
    }
  }

  /** Something went wrong, or took too long: nothing more is asked until Redis was looked at again. */
  suspect(error: unknown): void {
    const said = reasonOf(error);
    const reason = isConnecting(said) ? (this.#lastError ?? said) : said;
    if (this.#up || (this.#saidAway !== reason && !isConnecting(reason))) {
      this.#saidAway = reason;
      this.#log.error('redis is away: no new session or charge begins, running calls go on', { reason });
    }
    this.#up = false;
    this.#losses += 1;
    if (error === NO_ANSWER || performance.now() - this.#readyMs > STUCK_MS) this.#reconnect();
    this.#lookSoon();
  }

  /** Somebody writes under our name in a later epoch: this process never will again. */
  abandon(): void {
    if (this.#closed) return;
    this.#log.error(
      'another process writes to redis under the name of this one: its directory was copied, or restored from a backup. End that process, or stop this one and delete redis-writer.json in its directory',
      { writer: this.writer, epoch: this.#epoch },
    );
    this.#up = false;
    this.#losses += 1;
    this.#closed = true;
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#watching;
    clearTimeout(this.#soon);
    if (this.#up) await answered(this.#client.del(this.keys.writer(this.writer))).catch(() => {});
    this.#up = false;
    this.#client.disconnect();
    this.#changes.disconnect();
  }

  async #watch(user: LinkUser): Promise<void> {
    while (!this.#closed) {
      const losses = this.#losses;
      this.#revive();
      try {
        const lapsed = await this.#look();
        const due = performance.now() - this.#comparedMs > REDIS_COMPARE_EVERY_MS;
        if (!this.#up) this.#epoch += 1;
        const missed = !this.#up || this.#comparedMs === 0;
        if (missed || lapsed || due) {
          this.#comparedMs = performance.now();
          await user.compare(missed);
        }
        // What was lost while it was compared is compared again, in another epoch.
        if (losses === this.#losses) {
          if (!this.#up) this.#nowUp(user);
          await user.look();
        }
      } catch (error) {
        this.#comparedMs = 0;
        this.suspect(error);
      }
      await this.#pause(this.#up ? this.#leaseMs / LOOKS_PER_LEASE : REDIS_PROBE_EVERY_MS);
    }
  }

  #nowUp(user: LinkUser): void {
    this.#up = true;
    this.#saidAway = undefined;
    this.#log.info('redis is there', { writer: this.writer, epoch: this.#epoch });
    user.up();
  }

  /** By a write: a replica and a full Redis answer all else. True when Redis did not know us (any more). */
  async #look(): Promise<boolean> {
    const lease = this.keys.writer(this.writer);
    const before = await answered(this.#client.set(lease, String(this.#epoch), 'PX', this.#leaseMs, 'GET'));
    for (const node of this.#nodes()) await answered(node.ping());
    if (!this.#subscribed) {
      await answered(this.#changes.subscribe(this.keys.changes));
      this.#subscribed = true;
    }
    this.#readyMs = performance.now();
    return before === null;
  }

  #nodes() {
    return this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client];
  }

  /** ioredis gives up for good when a Sentinel names a new primary while it still looks for the old one. */
  #revive(): void {
    for (const client of [this.#client, this.#changes])
      if (client.status === 'end') client.connect().catch(() => {});
  }

  #reconnect(): void {
    this.#readyMs = performance.now();
    // One that connects already is left to it.
    for (const client of [this.#client, this.#changes])
      if (client.status === 'ready' || client.status === 'connect') client.disconnect(true);
  }

  /** Nothing is won by asking a dead peer in a tight loop. */
  #lookSoon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#wake(), REDIS_PROBE_EVERY_MS);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = () => {};
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => this.#wake(), ms);
      if (this.#closed) this.#wake();
    });
  }
}

/** An own object: by it a silence is told from a refusal. */
const NO_ANSWER = new Error(`no answer in ${REDIS_ANSWER_MAX_MS} ms`);

function answered<Value>(command: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(NO_ANSWER), REDIS_ANSWER_MAX_MS);
    command.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** What ioredis says of a command that it did not send. */
export const isConnecting = (reason: string): boolean =>
  reason.startsWith("Stream isn't writeable") || reason.startsWith("Cluster isn't ready");
