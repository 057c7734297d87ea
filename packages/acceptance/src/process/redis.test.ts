import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RedisProcess, until } from '@sordino/testkit';
import { answerOf, aSessionBody } from '../scene/call-scene.ts';
import { selfSigned } from '../security/memory/self-signed.ts';
import { findCards, findSecurityCodes, type Sink } from '../security/support/sinks.ts';
import { freePort } from '../sipp/support/run-sipp.ts';
import { FIELDS, keyIn } from './support/payment-keys.ts';
import { ProcessScene } from './support/process-scene.ts';

const CARD = '4242424242424242';
const CVC = '737';

const environmentOf = (redis: object): Record<string, string> => ({
  SORDINO_STORE__KIND: 'redis',
  SORDINO_STORE__REDIS: JSON.stringify(redis),
  SORDINO_LOG__LEVEL: 'debug',
});

const onRedis = ({ port }: RedisProcess) => environmentOf({ url: `redis://127.0.0.1:${port}` });

async function temporaryDirectory() {
  const directory = await mkdtemp(join(tmpdir(), 'sordino-redis-tls-'));
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

/** TLS, with a user and a password: as it is to be run. `directory`: of certificates and secrets. */
async function aSecureRedis(directory: string) {
  const at = (name: string) => join(directory, name);
  const { cert, key } = await selfSigned();
  await Promise.all([
    writeFile(at('redis.pem'), cert),
    writeFile(at('redis.key'), key, { mode: 0o600 }),
    writeFile(at('password'), 'a long password\n', { mode: 0o600 }),
  ]);
  const port = await freePort();
  const files = ['--tls-cert-file', at('redis.pem'), '--tls-key-file', at('redis.key')];
  const redis = await RedisProcess.start({
    args: ['--tls-port', String(port), ...files, '--tls-auth-clients', 'no'],
  });
  await redis.cli('ACL', 'SETUSER', 'sordino', 'on', '>a long password', '~sordino:*', '&sordino:*', '+@all');
  const environment = environmentOf({
    url: `rediss://127.0.0.1:${port}`,
    tls: { ca_file: at('redis.pem') },
    username: 'sordino',
    password: `file:${at('password')}`,
  });
  return { redis, environment };
}

/** Every key and everything in it, as text. */
async function dump(redis: RedisProcess): Promise<Sink[]> {
  const keys = (await redis.cli('KEYS', '*')).split('\n');
  const READ = { hash: ['HGETALL'], string: ['GET'], stream: ['XRANGE'] } as const;
  const sinks = keys.map(async (key): Promise<Sink> => {
    const type = await redis.cli('TYPE', key);
    const command = READ[type as keyof typeof READ];
    if (command === undefined) throw new Error(`${key} is a ${type}`);
    const range = type === 'stream' ? ['-', '+'] : [];
    return { where: key, content: `${key}\n${await redis.cli(...command, key, ...range)}` };
  });
  return Promise.all(sinks);
}

async function readyz(scene: ProcessScene): Promise<unknown> {
  const response = await fetch(`${scene.sordino.apiUrl}/readyz`);
  return [response.status, await response.json()];
}

describe('sordino start with Redis', () => {
  it('killed in the middle of a charge, finds out what became of it: charged once, and no card data in Redis', async () => {
    await using files = await temporaryDirectory();
    const secure = await aSecureRedis(files.directory);
    await using redis = secure.redis;
    await using scene = await ProcessScene.open(secure.environment);
    await fetch(`${scene.gateway.url}/__sim/faults`, {
      method: 'POST',
      body: JSON.stringify({ next: ['delay:20000'] }),
    });
    const watched = await scene.readySession();
    await keyIn(scene, watched, FIELDS);
    const { id } = watched.session;
    void scene.client.confirm(id, randomUUID()).catch(() => undefined);
    await until('the gateway has the money', () => scene.gateway.ledger().approved === 1);
    expect(await redis.cli('HGET', `sordino:{${id}}`, 'd')).toContain('"processing"');
    process.kill(await scene.servicePid(), 'SIGKILL');
    // A failover to an empty replica in the same moment: the journal knows.
    await redis.cli('FLUSHALL');
    await scene.sordino.untilReady(2);

    expect(answerOf(await scene.client.read(id)).status).toBe('approved');
    await until('redis knows as well', async () =>
      (await redis.cli('HGET', `sordino:{${id}}`, 'd')).includes('"approved"'),
    );
    expect(await redis.cli('HGETALL', `sordino:{${id}}:money`)).toContain('"state":"approved"');
    expect(scene.gateway.ledger()).toMatchObject({ approved: 1, declined: 0, replays: 0, refused: 0 });

    const sinks = await dump(redis);
    expect(sinks.map(({ where }) => where)).toContain(`sordino:{${id}}:events`);
    expect([findCards(sinks, [CARD]), findSecurityCodes(sinks, [CVC])]).toEqual([[], []]);
    await redis.cli('HSET', 'planted', 'd', `{"number":"${CARD}","cvc":"${CVC}"}`);
    const planted = await dump(redis);
    expect([findCards(planted, [CARD]), findSecurityCodes(planted, [CVC])]).toEqual([
      ['planted'],
      ['planted'],
    ]);
  }, 60_000);

  it('goes on with a running call while Redis is dead, and begins nothing until it is back', async () => {
    await using redis = await RedisProcess.start();
    await using scene = await ProcessScene.open(onRedis(redis));
    expect(await readyz(scene)).toEqual([200, { status: 'ok', reasons: [] }]);
    const watched = await scene.readySession();
    await keyIn(scene, watched, FIELDS.slice(0, 1));
    await redis.kill();
    await keyIn(scene, watched, FIELDS.slice(1));
    await watched.follower.until('session.ready_to_confirm');
    expect(await readyz(scene)).toMatchObject([503, { reasons: ['redis_away'] }]);
    const refusal = { error: { code: 'storage_unavailable', call_safe: true, retryable: true } };
    const refused = [
      await scene.client.create(
        aSessionBody({ call: { platform: 'plt_main', call_id: 'other' } }),
        randomUUID(),
      ),
      await scene.client.confirm(watched.session.id, randomUUID()),
    ];
    expect(refused).toMatchObject([refusal, refusal]);
    expect(scene.gateway.ledger().approved).toBe(0);

    await redis.run();
    await until('redis is back', async () => (await fetch(`${scene.sordino.apiUrl}/readyz`)).status === 200);
    expect(answerOf(await scene.client.confirm(watched.session.id, randomUUID())).status).toBe('approved');
    await watched.follower.until('session.restored');
    expect(scene.gateway.ledger()).toMatchObject({ approved: 1, replays: 0 });
    const stored = await redis.cli('XRANGE', `sordino:{${watched.session.id}}:events`, '-', '+');
    for (const type of ['session.created', 'field.captured', 'payment.approved'])
      expect(stored).toContain(type);
    await scene.bothTalk();
  }, 60_000);
});
