import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { A_CREATE, KEY_A, KEY_A_LIVE, KEY_B, PaymentsServer } from '../testing/payments-server.ts';
import { NOT_READY } from '../testing/scripted-service.ts';
import { openBody, sealBody } from './sealed-body.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => server.reset());
afterAll(() => server.close());

let count = 0;
const aKey = () => `key-${++count}`;
const create = (idempotencyKey: string, body: unknown = A_CREATE, key = KEY_A) =>
  server.call('POST', '/v1/sessions', { key, body, headers: { 'Idempotency-Key': idempotencyKey } });
const confirm = (id: string, idempotencyKey: string, key = KEY_A) =>
  server.call('POST', `/v1/sessions/${id}/confirm`, { key, headers: { 'Idempotency-Key': idempotencyKey } });

describe('a request that is sent again', () => {
  it('gets the first answer, secret included, and is not done again', async () => {
    const key = aKey();
    const first = await create(key);
    const second = await create(key);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.body.client_secret).toMatch(/_secret_/);
    expect([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')]).toEqual([
      null,
      'true',
    ]);
    expect(server.scripted.calls).toEqual(['create']);
  });

  it('makes one session when it comes a hundred times at once', async () => {
    const key = aKey();
    let open = () => {};
    server.scripted.gate = new Promise((resolve) => {
      open = resolve;
    });
    const posts = Array.from({ length: 100 }, () => create(key));
    while (server.scripted.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    open();
    const replies = await Promise.all(posts);
    expect(server.scripted.calls).toEqual(['create']);
    expect(
      new Set(replies.map((reply) => `${reply.status} ${reply.body.id} ${reply.body.client_secret}`)).size,
    ).toBe(1);
    expect((await server.call('GET', '/v1/sessions')).body.data).toHaveLength(1);
  });

  it('charges once when confirm comes a hundred times at once', async () => {
    const { id } = await server.aSession();
    const key = aKey();
    const replies = await Promise.all(Array.from({ length: 100 }, () => confirm(id, key)));
    expect(server.scripted.calls).toEqual(['create', 'confirm']);
    for (const reply of replies) expect(reply).toMatchObject({ status: 200, body: { status: 'approved' } });
  });

  it('is refused with another body, also while the first is being done', async () => {
    const key = aKey();
    const other = { ...A_CREATE, intent: { ...A_CREATE.intent, amount: 1 } };
    const [first, second] = await Promise.all([create(key), create(key, other)]);
    const late = await create(key, other);
    expect([first.status, second.status].sort()).toEqual([201, 422]);
    const winner = first.status === 201 ? A_CREATE : other;
    expect(late.status).toBe(winner === A_CREATE ? 422 : 201);
    const refused = first.status === 422 ? first : second;
    expect(refused.body.error).toMatchObject({ type: 'idempotency_error', code: 'idempotency_key_reused' });
    expect(server.scripted.calls).toEqual(['create']);
  });

  it('is another request for another tenant, in the other mode and on another session', async () => {
    const key = aKey();
    const ids = [];
    for (const owner of [KEY_A, KEY_B, KEY_A_LIVE]) ids.push((await create(key, A_CREATE, owner)).body.id);
    expect(new Set(ids).size).toBe(3);
    const one = await server.aSession();
    const two = await server.aSession();
    await confirm(one.id, key);
    expect((await confirm(two.id, key)).headers.get('idempotent-replayed')).toBeNull();
    expect(server.scripted.calls.filter((call) => call === 'confirm')).toHaveLength(2);
  });

  it('may succeed after a refusal: a refusal changed nothing and is not remembered', async () => {
    const { id } = await server.aSession();
    const key = aKey();
    server.scripted.refuseWith = NOT_READY;
    expect((await confirm(id, key)).status).toBe(409);
    server.scripted.refuseWith = undefined;
    expect((await confirm(id, key)).status).toBe(200);
  });

  it('is not answered with what another credential was told', async () => {
    const { id, secret } = await server.aSession();
    const key = aKey();
    await confirm(id, key, secret);
    expect(await confirm(id, key)).toMatchObject({
      status: 409,
      body: { error: { type: 'idempotency_error' } },
    });
    expect(server.scripted.calls).toEqual(['create', 'confirm']);
  });

  it('is done again when the first time was more than 24 hours ago', async () => {
    const key = aKey();
    await create(key);
    server.scheduler.advance(24 * 60 * 60 * 1000);
    expect((await create(key)).headers.get('idempotent-replayed')).toBeNull();
    expect(server.scripted.calls).toEqual(['create', 'create']);
  });

  it('is answered although the answer cannot be stored, and the log says so', async () => {
    const broken = await PaymentsServer.start({
      store: { answer: () => undefined, commit: () => Promise.reject(new Error('ENOSPC')) },
    });
    try {
      const reply = await broken.call('POST', '/v1/sessions', {
        body: A_CREATE,
        headers: { 'Idempotency-Key': 'k' },
      });
      expect(reply.status).toBe(201);
      expect(broken.logged).toContainEqual(
        expect.objectContaining({ level: 'error', fields: { reason: 'ENOSPC' } }),
      );
    } finally {
      await broken.close();
    }
  });
});

describe('a stored answer', () => {
  it('shows neither its secret nor its key to who reads the store', async () => {
    const committed: string[] = [];
    const spied = await PaymentsServer.start({
      store: {
        answer: () => undefined,
        commit: async (change) => {
          committed.push(JSON.stringify(change));
        },
      },
    });
    try {
      const headers = { 'Idempotency-Key': 'order-1234' };
      const reply = await spied.call('POST', '/v1/sessions', { body: A_CREATE, headers });
      const stored = committed.join();
      expect(committed).toHaveLength(1);
      for (const secret of [reply.body.client_secret, 'order-1234', KEY_A, reply.body.id])
        expect(stored).not.toContain(secret);
      expect(Buffer.from(JSON.parse(stored).answer.body, 'base64url').toString('latin1')).not.toContain(
        'secret',
      );
    } finally {
      await spied.close();
    }
  });

  it('opens with the same credential and key only, and not when a bit was changed', () => {
    const sealed = sealBody('{"a":"é"}', 'credential', 'key');
    expect(openBody(sealed, 'credential', 'key')).toBe('{"a":"é"}');
    expect(openBody(sealed, 'credentia', 'lkey')).toBeUndefined();
    expect(openBody(sealed, 'credential', 'other')).toBeUndefined();
    expect(
      openBody(
        sealed.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
        'credential',
        'key',
      ),
    ).toBeUndefined();
    expect(openBody('', 'credential', 'key')).toBeUndefined();
    expect(sealBody('x', 'a', 'b')).not.toBe(sealBody('x', 'a', 'b'));
  });
});
