import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@sordino/core';
import { RedisProcess, type RedisProcessOptions } from '@sordino/testkit';
import { openRedisStore, type RedisPaymentStore, type RedisStoreOptions } from '../redis/redis-store.ts';
import { SetClock } from './contract-suite.ts';

/** Real servers, stores on them, and directories: all gone at the end of the test. */
const scratch: string[] = [];
const running: (() => Promise<unknown>)[] = [];

export async function clearScene(): Promise<void> {
  for (const end of running.splice(0).reverse()) await end();
  for (const directory of scratch.splice(0)) await rm(directory, { recursive: true, force: true });
}

/** `end` comes before the end of what was there before. */
export const atTheEnd = (end: () => Promise<unknown>): unknown => running.push(end);

export async function aRedis(options?: RedisProcessOptions): Promise<RedisProcess> {
  const redis = await RedisProcess.start(options);
  atTheEnd(() => redis[Symbol.asyncDispose]());
  return redis;
}

export async function aDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sordino-redis-store-'));
  scratch.push(directory);
  return directory;
}

export async function aStore(
  { port }: { readonly port: number },
  more: Partial<RedisStoreOptions> = {},
): Promise<RedisPaymentStore> {
  const store = await openRedisStore({
    directory: more.directory ?? (await aDirectory()),
    access: { target: { node: { host: '127.0.0.1', port } } },
    ...{ clock: new SetClock(), log: silentLog, fsync: false },
    ...more,
  });
  atTheEnd(() => store.close());
  return store;
}
