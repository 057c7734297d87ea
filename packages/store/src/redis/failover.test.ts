import { afterEach, describe, expect, it } from '@jest/globals';
import { type RedisProcess, startRedisCluster, until } from '@sordino/testkit';
import { anAttempt, anEvent, aSession, attemptId, sessionId } from '../testing/builders.ts';
import { aRedis, aStore, atTheEnd, clearScene } from '../testing/redis-scene.ts';
import type { RedisTarget } from './access.ts';
import type { RedisPaymentStore } from './redis-store.ts';

afterEach(clearScene);

const here = ({ port }: RedisProcess) => ({ host: '127.0.0.1', port });

const aStoreOn = (target: RedisTarget): Promise<RedisPaymentStore> =>
  aStore({ port: 0 }, { access: { target } });

describe('Sentinel', () => {
  it('names another primary when the first one dies: what was acknowledged is there, and sessions begin again', async () => {
    const quick = ['--repl-diskless-sync-delay', '0'];
    const primary = await aRedis({ args: quick });
    const replica = await aRedis({ args: [...quick, '--replicaof', `127.0.0.1 ${primary.port}`] });
    const sentinel = await aRedis({
      args: ['--sentinel'],
      config: [
        `sentinel monitor main 127.0.0.1 ${primary.port} 1`,
        'sentinel down-after-milliseconds main 500',
        'sentinel failover-timeout main 3000',
        '',
      ],
    });
    await until('the replica follows', async () =>
      /master_link_status:up/.test(await replica.cli('INFO', 'replication')),
    );
    await until('the Sentinel knows it', async () =>
      (await sentinel.cli('SENTINEL', 'replicas', 'main')).includes(String(replica.port)),
    );
    const store = await aStoreOn({ sentinels: [here(sentinel)], name: 'main' });
    await store.commit({ session: aSession('paid'), attempt: anAttempt('paid') });
    await primary.kill();
    await store.commit({
      session: aSession('paid', { version: 2, lastEventSeq: 1 }),
      events: [anEvent('paid', 1)],
    });
    expect(store.isUp).toBe(false);
    await until(
      'the replica is primary and has it all',
      async () => store.isUp && (await replica.cli('XLEN', 'sordino:{ses_paid}:events')) === '1',
    );
    await store.commit({ session: aSession('new') });
    const other = await aStoreOn({ sentinels: [here(sentinel)], name: 'main' });
    expect(other.session(sessionId('new'))).toBeDefined();
    expect(other.attempt(attemptId('paid'))).toEqual(anAttempt('paid'));
  }, 30_000);
});

async function aCluster(): Promise<readonly RedisProcess[]> {
  const nodes = await startRedisCluster();
  for (const node of nodes) atTheEnd(() => node[Symbol.asyncDispose]());
  return nodes;
}

const keysOf = async (node: RedisProcess): Promise<number> => Number(await node.cli('DBSIZE'));

describe('Cluster', () => {
  it('spreads sessions over its nodes; one that dies and comes back empty gets its own again', async () => {
    const nodes = await aCluster();
    const target = { cluster: nodes.map(here) };
    const store = await aStoreOn(target);
    const names = Array.from({ length: 30 }, (_, n) => `s${n}`);
    for (const name of names)
      await store.commit({
        session: aSession(name, { lastEventSeq: 1 }),
        events: [anEvent(name, 1)],
        attempt: anAttempt(name),
      });
    const before = await Promise.all(nodes.map(keysOf));
    expect(Math.min(...before)).toBeGreaterThan(2);

    const [lost] = nodes as [RedisProcess];
    await lost.kill();
    const goOn = names.map((name) =>
      store.commit({ session: aSession(name, { version: 2, lastEventSeq: 2 }), events: [anEvent(name, 2)] }),
    );
    await Promise.all(goOn);
    expect(store.isUp).toBe(false);
    await expect(store.commit({ session: aSession('new') })).rejects.toMatchObject({ code: 'unavailable' });
    await lost.run();
    await until('the cluster is whole again', () => store.isUp);

    const other = await aStoreOn(target);
    await until('all is there', () =>
      names.every(
        (name) => other.events(sessionId(name), 0, 9).length === 2 && other.attempt(attemptId(name)),
      ),
    );
    await store.commit({ session: aSession('new') });
    await until('the other one hears of it', () => other.session(sessionId('new')) !== undefined);
  }, 30_000);
});
