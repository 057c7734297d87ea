import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { API_SCOPES } from '@sordino/core';
import { hashCredential, makeApiKey } from '../auth/keys/key-text.ts';
import { openApiDocument } from '../http/openapi.ts';
import { A_CREATE, type Call, KEY_A, KEY_A_LIVE, KEY_B, PaymentsServer } from '../testing/payments-server.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const make = (body: object, key = KEY_A) => server.call('POST', '/v1/api_keys', { key, body });
const on = (id: string, verb: string, more: Call = {}) =>
  server.call('POST', `/v1/api_keys/${id}/${verb}`, more);

describe('API keys over HTTP', () => {
  it('are made, listed page by page, read, rolled and revoked', async () => {
    const made = await make({ name: 'desk', scopes: ['sessions:read'] });
    expect(made).toMatchObject({
      status: 201,
      body: { object: 'api_key', livemode: false, name: 'desk', status: 'active', source: 'api' },
    });
    const { id, key, ...rest } = made.body;
    expect((await server.call('GET', '/v1/sessions', { key })).status).toBe(200);
    const read = await server.call('GET', `/v1/api_keys/${id}`);
    expect(read.body).toEqual({ ...rest, id, last_used: expect.any(Number) });

    server.scheduler.advance(1);
    const rolled = await on(id, 'roll', { body: { overlap_seconds: 60 } });
    expect(rolled).toMatchObject({ status: 201, body: { replaces: id, scopes: ['sessions:read'] } });
    expect(await on(id, 'roll')).toMatchObject({
      status: 409,
      body: { error: { code: 'api_key_in_rotation' } },
    });
    const first = await server.call('GET', '/v1/api_keys?limit=1');
    expect(first.body).toMatchObject({ has_more: true, data: [{ id: rolled.body.id }] });
    const behind = await server.call('GET', `/v1/api_keys?limit=100&starting_after=${rolled.body.id}`);
    expect(behind.body.data.map((one: { id: string }) => one.id)).toEqual([id, 'key_a']);
    expect((await server.call('GET', '/v1/api_keys?starting_after=key_unknown')).body.data).toEqual([]);

    expect((await on(rolled.body.id, 'revoke')).body.status).toBe('revoked');
    expect((await server.call('GET', '/v1/sessions', { key: rolled.body.key })).status).toBe(401);
    expect(await on(rolled.body.id, 'revoke')).toMatchObject({
      status: 409,
      body: { error: { code: 'api_key_not_active' } },
    });
  });

  it('are of one tenant and one mode: any other id is 404, the same to the letter', async () => {
    const { id } = (await make({ scopes: ['sessions:read'] })).body;
    const answers = [];
    for (const key of [KEY_B, KEY_A_LIVE])
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/roll'],
        ['POST', '/revoke'],
      ] as const)
        answers.push(await server.call(method, `/v1/api_keys/${id}${path}`, { key }));
    answers.push(await on('key_unknown', 'roll'), await on('4242424242424242', 'revoke'));
    for (const { status, body } of answers) {
      expect([status, { ...body.error, request_id: '' }]).toEqual([
        404,
        { ...answers[0]?.body.error, request_id: '' },
      ]);
      expect(body.error.code).toBe('no_such_api_key');
    }
    for (const key of [KEY_B, KEY_A_LIVE]) {
      const listed = await server.call('GET', '/v1/api_keys', { key });
      expect(listed.body.data.map((one: { id: string }) => one.id)).not.toContain(id);
    }
  });

  it('give no more than the key that makes them has', async () => {
    const { key } = (await make({ scopes: ['keys:write', 'sessions:read'] })).body;
    expect((await make({ scopes: ['sessions:read'] }, key)).status).toBe(201);
    const more = await make({ scopes: ['sessions:read', 'payments:confirm'] }, key);
    expect(more).toMatchObject({ status: 403, body: { error: { code: 'missing_scope' } } });
    expect(more.body.error.message).toContain('payments:confirm');
    const strong = (await make({ scopes: ['payments:confirm'] })).body.id;
    expect((await on(strong, 'roll', { key })).status).toBe(403);
    expect((await on(strong, 'revoke', { key })).status).toBe(200);
  });

  it.each([
    { scopes: [] },
    { scopes: ['everything'] },
    { scopes: ['keys:read', 'keys:read'] },
    { scopes: ['keys:read'], name: '4242 4242 4242 4242' },
    { scopes: ['keys:read'], expires_at: 1 },
    { scopes: ['keys:read'], tenant: 'tnt_b' },
    { scopes: ['keys:read'], livemode: true },
    {},
  ])('are not made with %j', async (body) => {
    expect((await make(body)).status).toBe(400);
  });

  it('of the configuration are changed there', async () => {
    expect(await on('key_a', 'revoke')).toMatchObject({
      status: 409,
      body: { error: { code: 'api_key_is_configured' } },
    });
    expect((await server.call('GET', '/v1/sessions')).status).toBe(200);
  });
});

describe('scopes', () => {
  const operations = Object.entries(
    openApiDocument().paths as Record<string, Record<string, { 'x-scope'?: string }>>,
  )
    .filter(([path]) => path.startsWith('/v1/') && !path.startsWith('/v1/gateway_events'))
    .flatMap(([path, item]) =>
      (['get', 'post'] as const).flatMap((method) => {
        const operation = item[method];
        return operation
          ? [{ method: method.toUpperCase(), path, scope: operation['x-scope'] ?? 'none' }]
          : [];
      }),
    );

  it.each(operations.map(({ method, path, scope }) => [`${method} ${path}`, method, path, scope] as const))(
    '%s is refused without its scope, by name',
    async (_title, method, path, scope) => {
      const { id } = await server.aSession();
      const { key } = (await make({ scopes: API_SCOPES.filter((one) => one !== scope) })).body;
      const body = bodyFor(method, path, id);
      const target = path
        .replace('{id}', id)
        .replace('{name}', 'cvc')
        .replace('{platform}', 'plt_main')
        .replace('{endpoint}', 'whe_main')
        .replace('{connector}', 'con_sandbox')
        .replace('{key}', 'key_a');
      const reply = await server.call(method, target, {
        key,
        headers: { 'Idempotency-Key': 'k' },
        ...(body === undefined ? {} : { body }),
      });
      expect([reply.status, reply.body.error?.code]).toEqual([403, 'missing_scope']);
      expect(reply.body.error.message).toContain(scope);
      expect(server.scripted.calls).toEqual(['create']);
    },
  );

  it('of the configuration hold too', async () => {
    const key = makeApiKey(false, (count) => crypto.getRandomValues(new Uint8Array(count)));
    const record = { id: 'key_1', sha256: hashCredential(key), tenant: 'tnt_a', livemode: false };
    await using limited = await PaymentsServer.start({ apiKeys: [{ ...record, scopes: ['sessions:read'] }] });
    expect((await limited.call('GET', '/v1/sessions', { key })).status).toBe(200);
    expect((await limited.call('POST', '/v1/sessions', { key, body: A_CREATE })).status).toBe(403);
  });

  it('a key that may not confirm is not shown the secret that could', async () => {
    const { key } = (await make({ scopes: ['sessions:write', 'sessions:read'] })).body;
    const created = await server.call('POST', '/v1/sessions', { key, body: A_CREATE });
    expect([created.status, created.body.client_secret]).toEqual([201, undefined]);
  });
});

/** What the operation's schema asks for, so that nothing but the scope is amiss. */
function bodyFor(method: string, path: string, session: string): unknown {
  if (method === 'GET') return undefined;
  if (path === '/v1/sessions') return A_CREATE;
  if (path === '/v1/agent_tokens') return { session };
  if (path === '/v1/api_keys') return { scopes: ['sessions:read'] };
  if (path === '/v1/test/faults') return { session, fault: 'held' };
  if (path.endsWith('/replay')) return { session, from_seq: 1 };
  if (path.endsWith('/resolve')) return { outcome: 'failed', note: 'not there' };
  if (path.endsWith('/play')) return { to: 'agent', prompt: 'wait' };
  return undefined;
}
