import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiAccess } from '../http/app.ts';
import { KEY_B, PaymentsServer } from '../testing/payments-server.ts';

const audited: ApiAccess[] = [];
let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start({ audit: (access) => audited.push(access) });
});
beforeEach(() => {
  server.reset();
  audited.length = 0;
});
afterAll(() => server.close());

let count = 0;
const headers = () => ({ 'Idempotency-Key': `key-${++count}` });
const post = (path: string, more: object = {}) => server.call('POST', path, { headers: headers(), ...more });

describe('settle, void and refund', () => {
  it.each(['settle', 'void', 'refund'])(
    '%s answers with the operation, which is listed then',
    async (kind) => {
      const { id } = await server.aSession();
      const reply = await post(`/v1/sessions/${id}/${kind}`, { body: { amount: 100 } });
      expect(reply).toMatchObject({
        status: 200,
        body: { object: 'operation', session: id, kind, amount: 100, state: 'done' },
      });
      const { body } = await server.call('GET', `/v1/sessions/${id}/operations`);
      expect(body).toMatchObject({ object: 'list', data: [reply.body], has_more: false });
    },
  );

  it('need an Idempotency-Key, and are done once for it', async () => {
    const { id } = await server.aSession();
    const path = `/v1/sessions/${id}/refund`;
    expect(await server.call('POST', path)).toMatchObject({
      status: 400,
      body: { error: { code: 'idempotency_key_required' } },
    });
    const same = headers();
    const first = await server.call('POST', path, { headers: same });
    const again = await server.call('POST', path, { headers: same });
    expect(again.body).toEqual(first.body);
    expect(server.scripted.calls.filter((call) => call.startsWith('refund'))).toHaveLength(1);
  });

  it.each([{ amount: 0 }, { amount: 1.5 }, { amount: '5' }, { sum: 5 }])('take no %o', async (body) => {
    const { id } = await server.aSession();
    expect((await post(`/v1/sessions/${id}/refund`, { body })).status).toBe(400);
  });

  it('are for servers and not for pages, and of a foreign session they do not exist', async () => {
    const { id, secret } = await server.aSession();
    const path = `/v1/sessions/${id}/refund`;
    expect(await post(path, { key: secret })).toMatchObject({
      status: 403,
      body: { error: { code: 'not_permitted' } },
    });
    expect((await post(path, { key: KEY_B })).status).toBe(404);
  });

  it('need a key that may manage payments', async () => {
    const { id } = await server.aSession();
    const scopes = ['sessions:read', 'payments:confirm'];
    const { key } = (await server.call('POST', '/v1/api_keys', { body: { scopes } })).body;
    const refused = { status: 403, body: { error: { code: 'missing_scope' } } };
    expect(await post(`/v1/sessions/${id}/refund`, { key })).toMatchObject(refused);
    const body = { override_unknown: { reason: 'looked up' } };
    expect(await post(`/v1/sessions/${id}/confirm`, { key, body })).toMatchObject(refused);
    expect((await post(`/v1/sessions/${id}/confirm`, { key })).status).toBe(200);
  });
});

describe("a supervisor's override", () => {
  it('reaches the service with its reason, and the audit trail', async () => {
    const { id } = await server.aSession();
    await post(`/v1/sessions/${id}/confirm`, { body: { override_unknown: { reason: 'looked up' } } });
    expect(server.scripted.calls).toContain('confirm: looked up');
    expect(audited.at(-1)).toMatchObject({
      action: 'POST /v1/sessions/:id/confirm override_unknown',
      session: id,
      outcome: 'HTTP 200',
    });
  });

  it('is refused to a page, which is written down too', async () => {
    const { id, secret } = await server.aSession();
    const body = { override_unknown: { reason: 'please' } };
    expect((await post(`/v1/sessions/${id}/confirm`, { key: secret, body })).status).toBe(403);
    expect(audited.at(-1)).toMatchObject({
      action: 'POST /v1/sessions/:id/confirm override_unknown',
      outcome: 'HTTP 403',
    });
  });

  it.each([{}, { reason: '4242 4242 4242 4242' }, { reason: 'x', by: 'me' }])(
    'is not %o',
    async (override) => {
      const { id } = await server.aSession();
      const body = { override_unknown: override };
      expect((await post(`/v1/sessions/${id}/confirm`, { body })).status).toBe(400);
    },
  );
});

describe('a charge that stayed unknown', () => {
  const FOUND = { outcome: 'approved', gateway_id: 'ch_9', note: 'Ada, in the dashboard' };

  it('is resolved by hand, which the audit trail has with its outcome', async () => {
    const { id } = await server.aSession();
    const reply = await post(`/v1/sessions/${id}/resolve`, { body: FOUND });
    expect(reply).toMatchObject({ status: 200, body: { id, status: 'approved' } });
    expect(server.scripted.calls).toContain('resolve approved ch_9: Ada, in the dashboard');
    expect(audited.at(-1)).toMatchObject({
      action: 'POST /v1/sessions/:id/resolve approved',
      principal: { kind: 'api_key' },
      session: id,
      outcome: 'HTTP 200',
    });
  });

  it('has no id where the gateway has none', async () => {
    const { id } = await server.aSession();
    await post(`/v1/sessions/${id}/resolve`, { body: { outcome: 'failed', note: 'not there' } });
    expect(server.scripted.calls).toContain('resolve failed null: not there');
  });

  it.each([
    {},
    { outcome: 'approved' },
    { note: 'x' },
    { ...FOUND, outcome: 'refunded' },
    { ...FOUND, outcome: 'unknown' },
    { ...FOUND, note: '' },
    { ...FOUND, note: 'n'.repeat(256) },
    { ...FOUND, note: 'card 4242 4242 4242 4242' },
    { ...FOUND, gateway_id: '4242424242424242' },
    { ...FOUND, gateway_id: 'ch 9' },
    { ...FOUND, amount: 5 },
  ])('is not resolved by %o', async (body) => {
    const { id } = await server.aSession();
    const reply = await post(`/v1/sessions/${id}/resolve`, { body });
    expect(reply).toMatchObject({ status: 400, body: { error: { code: 'invalid_parameter' } } });
    expect(JSON.stringify(reply.body)).not.toContain('4242');
    expect(server.scripted.calls.join()).not.toContain('resolve');
  });

  it('is resolved by servers that may manage payments, and not by pages or strangers', async () => {
    const { id, secret } = await server.aSession();
    const path = `/v1/sessions/${id}/resolve`;
    const scopes = ['sessions:read', 'payments:confirm'];
    const { key } = (await server.call('POST', '/v1/api_keys', { body: { scopes } })).body;
    const denied = async (by: string) => (await post(path, { key: by, body: FOUND })).body.error.code;
    expect([await denied(secret), await denied(key), await denied(KEY_B)]).toEqual([
      'not_permitted',
      'missing_scope',
      'no_such_session',
    ]);
    expect(server.scripted.calls.join()).not.toContain('resolve');
  });
});

describe('what a gateway sends', () => {
  const send = (body: string, more: object = {}, connector = 'con_sandbox') =>
    fetch(`${server.url}/v1/gateway_events/${connector}`, { method: 'POST', body, ...more });

  it('reaches the service as the bytes that came, without a key of ours', async () => {
    await server.aSession();
    const reply = await send('{"a": "ü"}\n', {
      headers: { 'webhook-id': 'msg_1', 'content-type': 'text/weird' },
    });
    expect([reply.status, await reply.text()]).toEqual([200, '[accepted]']);
    expect(server.scripted.calls).toContain('notice msg_1 {"a": "ü"}\n');
    expect(audited.at(-1)).toMatchObject({
      action: 'POST /v1/gateway_events/:connector',
      principal: undefined,
      session: expect.stringMatching(/^ses_/),
    });
  });

  it.each([
    ['forged', 'con_sandbox', 401, 'event_not_believed'],
    ['garbage', 'con_sandbox', 400, 'event_unreadable'],
    ['{}', 'con_other', 404, 'no_such_connector'],
    ['x'.repeat(64 * 1024 + 1), 'con_sandbox', 413, 'body_too_large'],
  ])('is refused: %.9s to %s', async (body, connector, status, code) => {
    const reply = await send(body, {}, connector);
    expect(reply.status).toBe(status);
    expect(((await reply.json()) as { error: { code: string } }).error.code).toBe(code);
  });

  it('is not taken packed: the signature is over the bytes as they were made', async () => {
    expect((await send('{}', { headers: { 'content-encoding': 'gzip' } })).status).toBe(415);
  });

  it('that could not be stored is asked for again', async () => {
    server.scripted.throwWith = new Error('disk full');
    const reply = await send('{}');
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('is taken by POST only', async () => {
    expect((await fetch(`${server.url}/v1/gateway_events/con_sandbox`)).status).toBe(401);
  });
});
