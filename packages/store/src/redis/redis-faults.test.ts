import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type SessionId, silentLog } from '@sordino/core';
import { until } from '@sordino/testkit';
import { openForAppend } from '../journal/file.ts';
import { anAttempt, anEvent, anOperation, aSession, attemptId, sessionId } from '../testing/builders.ts';
import { aDirectory, aRedis, aStore, clearScene } from '../testing/redis-scene.ts';
import type { RedisPaymentStore } from './redis-store.ts';

afterEach(clearScene);

/** A call that was answered before anything went wrong. */
async function aRunningCall(store: RedisPaymentStore): Promise<void> {
  await store.commit({ session: aSession('call', { lastEventSeq: 1 }), events: [anEvent('call', 1)] });
}

/** What its call says while Redis is away. */
const goesOn = (store: RedisPaymentStore, version: number) =>
  store.commit({
    session: aSession('call', { version, lastEventSeq: version }),
    events: [anEvent('call', version)],
  });

const beginnings = [
  ['a session', { session: aSession('new') }],
  ['a charge', { session: aSession('call', { version: 9 }), attempt: anAttempt('call') }],
  ['a refund', { operation: anOperation('new', 'call') }],
] as const;

async function expectNothingBegins(store: RedisPaymentStore): Promise<void> {
  for (const [, change] of beginnings)
    await expect(store.commit(change)).rejects.toMatchObject({ code: 'unavailable' });
  expect(store.session(sessionId('new'))).toBeUndefined();
  expect(store.attempt(attemptId('call'))).toBeUndefined();
  expect(store.operations(sessionId('call'))).toEqual([]);
}

const seqsIn = (store: RedisPaymentStore, id: SessionId): number[] =>
  store.events(id, 0, 100).map(({ seq }) => seq);

const SAYS_NO: readonly [string, string[], string[]][] = [
  ['is read-only (a replica)', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
  ['is full', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  [
    'has no replica to write to',
    ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
    ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
  ],
];

describe('a Redis that says no', () => {
  it.each(SAYS_NO)(
    '%s: nothing begins, running calls go on, and it learns of them later',
    async (_what, wrong, right) => {
      const redis = await aRedis();
      const store = await aStore(redis);
      await aRunningCall(store);
      await redis.cli(...wrong);
      await goesOn(store, 2);
      expect(store.isUp).toBe(false);
      await expectNothingBegins(store);
      await goesOn(store, 3);
      await redis.cli(...right);
      await until('redis is back', () => store.isUp);
      const other = await aStore(redis);
      await until('it has the call', () => seqsIn(other, sessionId('call')).length === 3);
      expect(other.session(sessionId('call'))?.version).toBe(3);
      expect([other.session(sessionId('new')), other.attempt(attemptId('call'))]).toEqual([
        undefined,
        undefined,
      ]);
      await store.commit({ session: aSession('new') });
    },
  );
});

describe('a Redis that says nothing (SIGSTOP)', () => {
  it('for a moment: what was asked meanwhile waits, and is done once', async () => {
    const redis = await aRedis();
    const store = await aStore(redis);
    await aRunningCall(store);
    redis.signal('SIGSTOP');
    const asked = Promise.all([
      store.commit({ session: aSession('new') }),
      store.commit({ session: aSession('call', { version: 2 }), attempt: anAttempt('call') }),
    ]);
    await until('the silence was noticed', () => !store.isUp);
    redis.signal('SIGCONT');
    await asked;
    const other = await aStore(redis);
    expect(other.session(sessionId('new'))?.version).toBe(1);
    expect(other.attempt(attemptId('call'))?.state).toBe('sending');
  });

  it('for long: what was refused is not there afterwards, whatever was on its way', async () => {
    const redis = await aRedis();
    const store = await aStore(redis);
    await aRunningCall(store);
    redis.signal('SIGSTOP');
    const refused = Promise.allSettled([
      store.commit({ session: aSession('new') }),
      store.commit({ session: aSession('call', { version: 2 }), attempt: anAttempt('call') }),
      store.commit({ session: aSession('call', { version: 3 }) }),
    ]);
    expect((await refused).map((one) => one.status === 'rejected' && one.reason.code)).toEqual(
      Array(3).fill('unavailable'),
    );
    expect(store.session(sessionId('call'))?.version).toBe(1);
    await goesOn(store, 2);
    redis.signal('SIGCONT');
    await until('redis is back', () => store.isUp);
    await until(
      'it is as it is here',
      async () => (await redis.cli('HGET', 'sordino:{ses_call}', 'v')) === '2',
    );
    await until(
      'the session is gone',
      async () => (await redis.cli('HGET', 'sordino:{ses_new}', 'd')) === '',
    );
    expect(await redis.cli('HLEN', 'sordino:{ses_call}:money')).toBe('0');
    expect(await redis.cli('XLEN', 'sordino:{ses_call}:events')).toBe('2');
  }, 20_000);
});

describe('a Redis that dies (kill -9)', () => {
  it('and comes back with nothing: sessions, events, attempts and operations are put back', async () => {
    const redis = await aRedis();
    const store = await aStore(redis);
    await aRunningCall(store);
    await store.commit({ session: aSession('paid'), attempt: anAttempt('paid') });
    await store.commit({ operation: anOperation('one', 'paid') });
    await redis.kill();
    await goesOn(store, 2);
    await expectNothingBegins(store);
    await redis.run();
    await until('redis is back', () => store.isUp);
    const other = await aStore(redis);
    await until('all is there', () => seqsIn(other, sessionId('call')).length === 2);
    await until('the money is', () => other.operations(sessionId('paid')).length === 1);
    expect(other.attempt(attemptId('paid'))).toEqual(anAttempt('paid'));
  });

  it('and is LOADING for a while: away until it has loaded', async () => {
    const slow = ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'no', '--key-load-delay', '400'];
    const redis = await aRedis({ args: [...slow, '--loading-process-events-interval-bytes', '1024'] });
    const store = await aStore(redis);
    await aRunningCall(store);
    await redis.cli('EVAL', "for n = 1, 3000 do redis.call('SET', 'filler' .. n, n) end", '0');
    await redis.kill();
    await redis.run(/Server initialized/);
    expect(await redis.cli('PING')).toMatch(/LOADING/);
    await expectNothingBegins(store);
    await goesOn(store, 2);
    await until('it has loaded', () => store.isUp);
    await store.commit({ session: aSession('new') });
    expect(await redis.cli('HGET', 'sordino:{ses_call}', 'v')).toBe('2');
  });

  it('while nobody asks, by FLUSHALL: noticed at the next commit, and by the lease', async () => {
    const redis = await aRedis();
    const store = await aStore(redis, { leaseMs: 900 });
    await aRunningCall(store);
    await store.commit({ session: aSession('paid'), attempt: anAttempt('paid') });
    await redis.cli('FLUSHALL');
    await goesOn(store, 2);
    expect(await redis.cli('XLEN', 'sordino:{ses_call}:events')).toBe('2');
    await until(
      'the rest is back',
      async () => (await redis.cli('HLEN', 'sordino:{ses_paid}:money')) === '2',
    );
  });

  it('before the start: the process starts all the same, and knows what is open', async () => {
    const redis = await aRedis();
    const directory = await aDirectory();
    const first = await aStore(redis, { directory });
    await first.commit({ session: aSession('paid'), attempt: anAttempt('paid') });
    await first.close();
    await redis.kill();
    const store = await aStore(redis, { directory, startWaitMs: 200 });
    expect(store.isUp).toBe(false);
    expect(store.openAttempts().map(({ id }) => id)).toEqual(['att_paid']);
    await redis.run();
    await until('redis is there', () => store.isUp);
    await until('and the attempt', async () => (await redis.cli('HLEN', 'sordino:{ses_paid}:money')) === '2');
  }, 20_000);
});

/** As docs/operations says that the user needs. */
const [, RIGHTS = ''] =
  /`(~sordino:\* [^`]+)`/.exec(
    readFileSync(new URL('../../../../docs/operations/README.md', import.meta.url), 'utf8'),
  ) ?? [];

describe('a Redis with users', () => {
  it('is enough with the rights that the manual names, and does without for a wrong password', async () => {
    const redis = await aRedis();
    await redis.cli('ACL', 'SETUSER', 'sordino', 'on', '>right', ...RIGHTS.split(' '));
    const target = { node: { host: '127.0.0.1', port: redis.port } };
    const access = { target, username: 'sordino', password: 'right' };
    const store = await aStore(redis, { access });
    await aRunningCall(store);
    await store.commit({ operation: anOperation('one', 'call') });
    const other = await aStore(redis, { access });
    expect(other.operations(sessionId('call'))).toEqual([anOperation('one', 'call')]);
    const said: unknown[] = [];
    const log = { ...silentLog, error: (_what: string, fields?: object) => said.push(fields) };
    const wrong = await aStore(redis, { access: { ...access, password: 'wrong' }, startWaitMs: 600, log });
    expect(wrong.isUp).toBe(false);
    expect(JSON.stringify(said)).toMatch(/WRONGPASS/);
    expect(JSON.stringify(said)).not.toContain('wrong"');
  });
});

describe('a disk that refuses', () => {
  it('takes it back in Redis too', async () => {
    const redis = await aRedis();
    let full = false;
    const store = await aStore(redis, {
      openFile: async (path) => {
        const file = await openForAppend(path);
        const append = file.append.bind(file);
        file.append = (bytes) => (full ? Promise.reject(new Error('ENOSPC')) : append(bytes));
        return file;
      },
    });
    await aRunningCall(store);
    full = true;
    for (const [, change] of beginnings)
      await expect(store.commit(change)).rejects.toMatchObject({ code: 'io' });
    await until(
      'the session is gone',
      async () => (await redis.cli('HGET', 'sordino:{ses_new}', 'd')) === '',
    );
    await until('the money is', async () => (await redis.cli('HLEN', 'sordino:{ses_call}:money')) === '0');
    expect(await redis.cli('HGET', 'sordino:{ses_call}', 'v')).toBe('1');
    full = false;
    await goesOn(store, 2);
  });
});
