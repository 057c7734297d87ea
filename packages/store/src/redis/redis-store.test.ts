import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { RedisProcess, startRedisCluster } from '@sordino/testkit';
import { describePaymentStore, type StoreUnderTest } from '../testing/contract-suite.ts';
import type { RedisTarget } from './access.ts';
import { openRedisStore, type RedisStoreOptions } from './redis-store.ts';

let redis: RedisProcess;
let cluster: readonly RedisProcess[] = [];
beforeAll(async () => {
  [redis, cluster] = await Promise.all([RedisProcess.start(), startRedisCluster()]);
}, 20_000);
afterAll(async () => {
  for (const one of [redis, ...cluster]) await one[Symbol.asyncDispose]();
});

const one = (): RedisTarget => ({ node: { host: '127.0.0.1', port: redis.port } });
const many = (): RedisTarget => ({ cluster: cluster.map(({ port }) => ({ host: '127.0.0.1', port })) });

let count = 0;

/** `lose`: what is lost between two openings. */
function under(target: () => RedisTarget, lose: (directory: string) => Promise<unknown>): StoreUnderTest {
  let options: RedisStoreOptions;
  return {
    open: async (clock, retention) => {
      options = {
        directory: await mkdtemp(join(tmpdir(), 'sordino-redis-store-')),
        access: { target: target() },
        prefix: `test${++count}`,
        ...{ clock, log: silentLog, fsync: false },
        ...(retention && { retention }),
      };
      return openRedisStore(options);
    },
    reopen: async (store) => {
      await store.close();
      await lose(options.directory);
      return openRedisStore(options);
    },
    dispose: () => rm(options.directory, { recursive: true }),
  };
}

const loseJournal = (directory: string) => rm(join(directory, 'journal.jsonl'));

describePaymentStore('the redis store without its journal', () => under(one, loseJournal));
describePaymentStore('the redis store after FLUSHALL', () => under(one, () => redis.cli('FLUSHALL')));
describePaymentStore('the redis store on a Cluster, without its journal', () => under(many, loseJournal));
