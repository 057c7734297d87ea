import { readFileSync } from 'node:fs';
import type { Log, SessionId } from '@sordino/core';
import type { PaymentStore } from '@sordino/payments';
import {
  createMemoryStore,
  openJournalStore,
  openRedisStore,
  type RedisAccess,
  type RedisNode,
  type RedisTarget,
} from '@sordino/store';
import type { Config } from '../config/schema.ts';
import type { ReadSecret } from '../secrets/provider.ts';
import { systemScheduler } from '../system.ts';

type RedisConfig = NonNullable<Config['store']['redis']>;

const REDIS_PORT = 6379;

export interface OpenStore {
  readonly store: PaymentStore;
  /** Why nothing new can begin now. */
  readonly notReadyBecause: () => readonly string[];
}

/** `onAdopted`: these sessions were another process's, which is gone. */
export async function openStore(
  { kind, directory, redis }: Config['store'],
  readSecret: ReadSecret,
  log: Log,
  onAdopted: (sessions: ReadonlySet<SessionId>) => void,
): Promise<OpenStore> {
  const clock = systemScheduler;
  const notReadyBecause = (): readonly string[] => [];
  if (kind === 'memory') return { store: createMemoryStore(clock), notReadyBecause };
  if (kind === 'journal' || redis === undefined)
    return { store: await openJournalStore({ directory, clock, log }), notReadyBecause };
  const access = await redisAccess(redis, readSecret);
  const store = await openRedisStore({ directory, clock, log, access, prefix: redis.prefix, onAdopted });
  return { store, notReadyBecause: () => (store.isUp ? [] : ['redis_away']) };
}

async function redisAccess(redis: RedisConfig, readSecret: ReadSecret): Promise<RedisAccess> {
  const { tls, username, password } = redis;
  const secure = tls !== undefined || redis.url?.startsWith('rediss:') === true;
  return {
    target: targetOf(redis),
    ...(secure ? { tls: tlsOf(tls ?? {}) } : {}),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined
      ? {}
      : {
          password: Buffer.from(await readSecret(password, 'store.redis.password'))
            .toString('utf8')
            .trimEnd(),
        }),
  };
}

function targetOf({ url, sentinels, name, cluster }: RedisConfig): RedisTarget {
  if (url !== undefined) {
    // URL keeps the brackets of an IPv6 address; a socket wants none.
    const { hostname, port, pathname } = new URL(url.replace(/^rediss?:/, 'http:'));
    const node = { host: bare(hostname), port: port === '' ? portOf(url) : Number(port) };
    return { node, db: Number(pathname.slice(1)) };
  }
  if (name !== undefined) return { sentinels: sentinels.map(nodeOf), name };
  return { cluster: cluster.map(nodeOf) };
}

/** `http:` has 80 as its own and leaves it out. */
const portOf = (url: string): number => (/:80(?:\/|$)/.test(url) ? 80 : REDIS_PORT);

function nodeOf(text: string): RedisNode {
  const at = text.lastIndexOf(':');
  return { host: bare(text.slice(0, at)), port: Number(text.slice(at + 1)) };
}

const bare = (host: string): string => host.replace(/^\[|\]$/g, '');

function tlsOf({
  ca_file,
  cert_file,
  key_file,
}: NonNullable<RedisConfig['tls']>): NonNullable<RedisAccess['tls']> {
  return {
    ...(ca_file === undefined ? {} : { ca: readFileSync(ca_file) }),
    ...(cert_file === undefined ? {} : { cert: readFileSync(cert_file) }),
    ...(key_file === undefined ? {} : { key: readFileSync(key_file) }),
  };
}
