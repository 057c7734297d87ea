import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { silentLog } from '@sordino/core';
import { RedisProcess } from '@sordino/testkit';
import { describePaymentStore, type StoreUnderTest } from '../testing/contract-suite.ts';
import { openRedisStore, type RedisStoreOptions } from './redis-store.ts';

let redis: RedisProcess;
beforeAll(async () => {
  redis = await RedisProcess.start();
});
afterAll(() => redis[Symbol.asyncDispose]());

let count = 0;

/** `lose`: what is lost between two openings. */
function under(lose: (directory: string, prefix: string) => Promise<unknown>): StoreUnderTest {
  let options: RedisStoreOptions;
  return {
    open: async (clock, retention) => {
      options = {
        directory: await mkdtemp(join(tmpdir(), 'sordino-redis-store-')),
        access: { target: { node: { host: '127.0.0.1', port: redis.port } } },
        prefix: `test${++count}`,
        ...{ clock, log: silentLog, fsync: false },
        ...(retention && { retention }),
      };
      return openRedisStore(options);
    },
    reopen: async (store) => {
      await store.close();
      await lose(options.directory, options.prefix ?? '');
      return openRedisStore(options);
    },
    dispose: () => rm(options.directory, { recursive: true }),
  };
}

describePaymentStore('the redis store', () => under(async () => {}));
describePaymentStore('the redis store without its journal', () =>
  under((directory) => rm(join(directory, 'journal.jsonl'))),
);
describePaymentStore('the redis store after FLUSHALL', () => under(() => redis.cli('FLUSHALL')));
