import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type SessionId, silentLog } from '@sordino/core';
import { until } from '@sordino/testkit';
import {
  aCursor,
  aFinishedSession,
  anAnswer,
  anAttempt,
  anEvent,
  anOperation,
  aSession,
  attemptId,
  sessionId,
} from '../testing/builders.ts';
import { aDirectory, aRedis, aStore, atTheEnd, clearScene } from '../testing/redis-scene.ts';

afterEach(clearScene);

const LEASE_MS = 900;

/** Runs from dist: a process of its own, that commits to one session without end. */
const CHILD = fileURLToPath(new URL('../../dist/testing/commit-to-redis.js', import.meta.url));

interface Committing {
  readonly child: ChildProcess;
  /** What was acknowledged. */
  readonly seq: () => number;
  readonly refused: () => string | undefined;
}

function aProcess(directory: string, port: number, name: string): Committing {
  const child = spawn(process.execPath, [CHILD, directory, String(port), name, String(LEASE_MS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  atTheEnd(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  let seq = 0;
  let refused: string | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [first, second] = line.split(' ');
    if (first === 'refused') refused = second;
    else seq = Number(second);
  });
  return { child, seq: () => seq, refused: () => refused };
}

describe('several processes on one Redis', () => {
  it('read each other at once, and each writes its own sessions only', async () => {
    const redis = await aRedis();
    const [here, there] = [await aStore(redis), await aStore(redis)];
    await here.commit({
      session: aSession('a', { lastEventSeq: 1 }),
      events: [anEvent('a', 1)],
      attempt: anAttempt('a'),
      cursors: [aCursor('a')],
    });
    await here.commit({ operation: anOperation('one', 'a') });
    await here.commit({ answer: anAnswer('t/r/key with spaces', 1_790_000_000_000) });
    const id = sessionId('a');
    await until('it is there', () => there.operations(id).length === 1);
    await until('the answer is', () => there.answer('t/r/key with spaces') !== undefined);
    expect(there.session(id)).toEqual(here.session(id));
    expect(there.events(id, 0, 9)).toEqual(here.events(id, 0, 9));
    expect(there.attemptByKey('key-a')).toEqual(anAttempt('a'));
    expect(there.webhookCursors(id)).toEqual([aCursor('a')]);
    // What a restart has to finish, and webhooks: each its own.
    expect([
      there.openAttempts(),
      there.openOperations(),
      there.openSessions(),
      there.webhookCursors(),
    ]).toEqual([[], [], [], []]);
    await expect(there.commit({ session: aSession('a', { version: 2 }) })).rejects.toMatchObject({
      code: 'fenced',
    });
    await here.commit({ session: aSession('a', { version: 2, lastEventSeq: 2 }), events: [anEvent('a', 2)] });
    await until('the next event is there', () => there.events(id, 0, 9).length === 2);
    expect(there.session(id)?.version).toBe(2);
  });

  it('lists the sessions of all in the order in which they were made', async () => {
    const redis = await aRedis();
    const [here, there] = [await aStore(redis), await aStore(redis)];
    for (let n = 0; n < 6; n++)
      await (n % 2 === 0 ? here : there).commit({ session: aSession(`s${n}`, { created: 1_000 + n }) });
    const late = await aStore(redis);
    const ids = late.sessions({ tenant: 'tnt_a', livemode: false, limit: 9 }).data.map(({ id }) => id);
    expect(ids).toEqual([5, 4, 3, 2, 1, 0].map((n) => sessionId(`s${n}`)));
  });

  it('do without a session that cannot be read, and say so', async () => {
    const redis = await aRedis();
    const here = await aStore(redis);
    await here.commit({ session: aSession('a') });
    await redis.cli('HSET', 'sordino:{ses_torn}', 'o', 'wrt_x', 'd', '{"half');
    await redis.cli('HSET', 'sordino:{ses_foreign}', 'o', 'wrt_x');
    await redis.cli('SET', 'sordino:{ses_foreign}:events', 'no stream');
    const said: unknown[] = [];
    const log = { ...silentLog, error: (_what: string, fields?: object) => said.push(fields) };
    const there = await aStore(redis, { log });
    expect(there.session(sessionId('a'))).toBeDefined();
    expect(said).toMatchObject([{ session: expect.anything() }, { session: expect.anything() }]);
    await redis.cli('PUBLISH', 'sordino:changes', 'wrt_x session sordino:{ses_torn}');
    await redis.cli('PUBLISH', 'sordino:changes', 'what is this');
    await here.commit({ session: aSession('b') });
    await until('it still hears', () => there.session(sessionId('b')) !== undefined);
  });

  it('forget a session where its own process forgets it', async () => {
    const redis = await aRedis();
    const there = await aStore(redis);
    const here = await aStore(redis, { retention: { sessionsKept: 1, eventsPerSession: 9, answersKept: 9 } });
    await here.commit({ session: aFinishedSession('old') });
    await until('it is there', () => there.session(sessionId('old')) !== undefined);
    await here.commit({ session: aFinishedSession('new') });
    await until('it is gone', () => there.session(sessionId('old')) === undefined);
    await until('the new one is there', () => there.session(sessionId('new')) !== undefined);
  });
});

describe('a process that is taken for dead', () => {
  it('is refused when it comes back: its session has another writer', async () => {
    const redis = await aRedis();
    const first = aProcess(await aDirectory(), redis.port, 'a');
    await until('it commits', () => first.seq() > 5);
    const adopted: SessionId[] = [];
    const second = await aStore(redis, {
      leaseMs: LEASE_MS,
      onAdopted: (sessions) => adopted.push(...sessions),
    });
    first.child.kill('SIGSTOP');
    await until('it was taken over', () => adopted.length > 0);
    expect(adopted).toEqual(['ses_a']);
    expect(second.openAttempts().map(({ id }) => id)).toEqual(['att_a']);
    const { version, lastEventSeq } = second.session(sessionId('a')) ?? { version: 0, lastEventSeq: 0 };
    // Not one acknowledged change is missing.
    expect(version).toBeGreaterThanOrEqual(first.seq());
    await second.commit({
      session: aFinishedSession('a', { version: version + 1, lastEventSeq: lastEventSeq + 1 }),
      events: [anEvent('a', lastEventSeq + 1)],
      attempt: anAttempt('a', { state: 'approved' }),
    });
    first.child.kill('SIGCONT');
    await until('it was refused', () => first.refused() !== undefined);
    expect(first.refused()).toBe('fenced');
    expect(first.seq()).toBeLessThanOrEqual(version);
    expect(await redis.cli('HGET', 'sordino:{ses_a}', 'v')).toBe(String(version + 1));
    expect(second.attempt(attemptId('a'))?.state).toBe('approved');
  });

  it('finds on its next start that the session is not its own any more, whatever its journal says', async () => {
    const redis = await aRedis();
    const directory = await aDirectory();
    const first = aProcess(directory, redis.port, 'a');
    await until('it commits', () => first.seq() > 5);
    first.child.kill('SIGKILL');
    const adopted: SessionId[] = [];
    await aStore(redis, { leaseMs: LEASE_MS, onAdopted: (sessions) => adopted.push(...sessions) });
    await until('it was taken over', () => adopted.length > 0);
    const again = await aStore(redis, { directory });
    expect([again.openSessions(), again.openAttempts()]).toEqual([[], []]);
    await expect(again.commit({ session: aSession('a', { version: 1e6 }) })).rejects.toMatchObject({
      code: 'fenced',
    });
  });
});

describe('a directory that was copied, or restored from a backup', () => {
  it('makes a process that writes nothing and says why: another one writes under its name', async () => {
    const redis = await aRedis();
    const [directory, copy] = [await aDirectory(), await aDirectory()];
    const early = await aStore(redis, { directory });
    await early.commit({ session: aSession('a') });
    await early.close();
    await cp(directory, copy, { recursive: true });
    await (await aStore(redis, { directory })).close();
    const late = await aStore(redis, { directory });
    await late.commit({ session: aSession('a', { version: 2 }) });
    const said: string[] = [];
    const log = { ...silentLog, error: (what: string) => said.push(what) };
    const stale = await aStore(redis, { directory: copy, log, startWaitMs: 500 });
    await stale.commit({ session: aSession('a', { version: 9 }) });
    await until('it has understood', () => !stale.isUp);
    expect(said.join()).toMatch(/under the name of this one.*delete redis-writer\.json/);
    await expect(stale.commit({ session: aSession('b') })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await redis.cli('HGET', 'sordino:{ses_a}', 'v')).toBe('2');
  });
});

describe('kill -9 of a process that commits', () => {
  it.each([1, 60])(
    'loses nothing acknowledged, after %d commits, in Redis or in the journal',
    async (commits) => {
      const redis = await aRedis();
      const directory = await aDirectory();
      const { child, seq } = aProcess(directory, redis.port, 'a');
      const gone = once(child, 'exit');
      await until('it commits', () => seq() >= commits);
      child.kill('SIGKILL');
      await gone;
      const store = await aStore(redis, { directory });
      const found = store.session(sessionId('a'));
      expect(found?.version).toBeGreaterThanOrEqual(seq());
      const seqs = store.events(sessionId('a'), 0, 100_000).map((event) => event.seq);
      expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
      expect(found?.lastEventSeq).toBe(seqs.length);
      expect(store.openAttempts().map(({ id }) => id)).toEqual(['att_a']);
      // In the same epoch or later: it goes on where it was.
      await store.commit({ session: aSession('a', { version: (found?.version ?? 0) + 1 }) });
    },
  );
});
