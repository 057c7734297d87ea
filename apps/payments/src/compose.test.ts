import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ConnectorId, ok, refuse, type SessionId, silentLog } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import { type CallControl, createSessionService, type Gateway, type SessionService } from '@sordino/payments';
import { openJournalStore } from '@sordino/store';
import { makeSessionKey } from './sealed/session-key.ts';
import { A_CREATE, KEY_A, PaymentsServer } from './testing/payments-server.ts';

/** The real session service and the real journal behind the real HTTP edge; only the call side and the gateway are played. */
const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));
const GATEWAY: Gateway = {
  name: 'played',
  livemode: false,
  capabilities: {
    ...{ moto: true, authorize: true, tokenize: true, queryByReference: true },
    ...{ settle: false, partialSettle: false, void: false, refund: false },
    ...{ replay: false, cancelByReference: false, bankAccounts: false },
  },
  charge: async () => ({ kind: 'declined', declineCode: 'never_asked' }),
  query: async () => ({ kind: 'not_found' }),
};

function playedCalls(): CallControl {
  const live = new Map<SessionId, string>();
  return {
    expect({ session, call }) {
      if ([...live.values()].includes(call.call_id))
        return refuse({ code: 'session_exists', message: 'this call has a live session' });
      live.set(session, call.call_id);
      return ok({
        sip_uri: 'sip:tok_x@127.0.0.1:5060;transport=tcp',
        e164: null,
        user_to_user: '00aa;encoding=hex',
        header: { 'X-Sordino-Token': 'tok_x' },
        expires_at: 1_790_000_008,
        cycle: 1,
        mediaPath: 'direct',
      });
    },
    setCollecting() {},
    play: () => ok(null),
    restore: (session) => void live.delete(session),
    legs: async () => [],
  };
}

let directory: string;
let service: SessionService;
let server: PaymentsServer;
let stop: () => Promise<void>;

async function start(): Promise<void> {
  const scheduler = new FakeScheduler();
  const store = await openJournalStore({ directory, clock: scheduler, log: silentLog });
  service = createSessionService({
    store,
    calls: playedCalls(),
    gateways: new Map([['con_sandbox' as ConnectorId, GATEWAY]]),
    scheduler,
    random,
    makeSessionKey,
    tagCard: (scope, number) => createHash('sha256').update(scope).update(number).digest(),
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    log: silentLog,
  });
  await service.recover();
  server = await PaymentsServer.start({ service, store, scheduler });
  stop = async () => {
    await server.close();
    await service.close();
    await store.close();
  };
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sordino-payments-'));
  await start();
});
afterEach(async () => {
  await stop();
  await rm(directory, { recursive: true });
});

describe('the real session service over HTTP', () => {
  it('answers everything as the document says, from create to cancel', async () => {
    const created = await server.call('POST', '/v1/sessions', { body: A_CREATE });
    expect(created.status).toBe(201);
    const { id, client_secret: key } = created.body;
    const path = `/v1/sessions/${id}`;

    const second = await server.call('POST', '/v1/sessions', { body: A_CREATE });
    expect(second).toMatchObject({ status: 409, body: { error: { type: 'call_error', call_safe: true } } });
    const early = await server.call('POST', `${path}/fields/card_number/collect`, { key });
    expect(early).toMatchObject({
      status: 409,
      body: { error: { session: id, topology: 'original', call_safe: true } },
    });

    service.onCallEvent({ type: 'topology', session: id, topology: 'engaging' });
    service.onCallEvent({ type: 'topology', session: id, topology: 'engaged', gapMs: 20 });
    service.onCallEvent({ type: 'ready', session: id, lookbackMs: 20 });
    let status = '';
    while (status !== 'ready') ({ status } = (await server.call('GET', path, { key })).body);
    const collecting = await server.call('POST', `${path}/fields/card_number/collect`, { key });
    expect(collecting.body).toMatchObject({ status: 'collecting', topology: 'engaged' });
    const clear = await server.call('POST', `${path}/fields/card_number/clear`, { key, body: { last: 4 } });
    expect(clear).toMatchObject({ status: 409, body: { error: { session: id, topology: 'engaged' } } });
    const confirm = await server.call('POST', `${path}/confirm`, {
      key,
      headers: { 'Idempotency-Key': 'k' },
    });
    expect(confirm).toMatchObject({ status: 409, body: { error: { session: id, topology: 'engaged' } } });
    const canceled = await server.call('POST', `${path}/cancel`, { key });
    expect(canceled.body.status).toBe('canceled');

    const { data } = (await server.call('GET', `${path}/events?limit=500`, { key })).body;
    const seqs = data.map((event: { seq: number }) => event.seq);
    expect(seqs).toEqual(seqs.map((_: number, index: number) => index + 1));
    expect(data[0].type).toBe('session.created');
    expect(await server.call('GET', `${path}/legs`, { key })).toMatchObject({
      status: 200,
      body: { object: 'list' },
    });
    expect((await server.call('GET', '/v1/sessions?status=canceled')).body.data).toMatchObject([{ id }]);
  });

  it.each([
    ['a connector that is not there', { connector: 'con_none' }],
    [
      'a platform with no such name is the call side’s to refuse, a currency that does not exist ours',
      { intent: { ...A_CREATE.intent, currency: 'zzz' } },
    ],
    ['a charge of nothing', { intent: { ...A_CREATE.intent, amount: 0 } }],
  ])('refuses %s with the parameter', async (_case, change) => {
    const reply = await server.call('POST', '/v1/sessions', { body: { ...A_CREATE, ...change } });
    expect(reply).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', param: expect.any(String) } },
    });
  });

  it('finds sessions and stored answers again after a restart, and its secrets are nowhere on disk', async () => {
    const headers = { 'Idempotency-Key': 'order-77' };
    const created = await server.call('POST', '/v1/sessions', { body: A_CREATE, headers });
    await stop();
    const files = await readdir(directory);
    const disk = (await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))).join();
    expect(disk).toContain(created.body.id);
    for (const secret of [created.body.client_secret, 'order-77', KEY_A]) expect(disk).not.toContain(secret);
    await start();
    const read = await server.call('GET', `/v1/sessions/${created.body.id}`, {
      key: created.body.client_secret,
    });
    expect(read.status).toBe(200);
    const repeated = await server.call('POST', '/v1/sessions', { body: A_CREATE, headers });
    expect(repeated.body).toEqual(created.body);
    expect(repeated.headers.get('idempotent-replayed')).toBe('true');
  });
});
