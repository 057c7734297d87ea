import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { A_CREATE, KEY_A, KEY_B, PaymentsServer } from '../testing/payments-server.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const mint = (body: object = {}, key = KEY_A) =>
  server.call('POST', '/v1/agent_tokens', { key, body: { platform: 'plt_main', call_id: 'e-91', ...body } });

async function aToken(body: object = {}): Promise<string> {
  return (await mint(body)).body.token;
}

const create = (key: string, body: unknown = A_CREATE) => server.call('POST', '/v1/sessions', { key, body });

describe("an agent's token", () => {
  it('is minted with an API key for one call', async () => {
    const reply = await mint({ limit: { amount_max: 5000, currency: 'gbp' }, ttl_seconds: 120 });
    expect(reply).toMatchObject({
      status: 201,
      body: {
        object: 'agent_token',
        livemode: false,
        token: expect.stringMatching(/^agt_[0-9A-Za-z_-]{40,1496}$/),
        platform: 'plt_main',
        call_id: 'e-91',
        limit: { amount_max: 5000, currency: 'gbp' },
      },
    });
    expect(reply.body.expires_at - reply.body.created).toBe(120);
  });

  it('lets a page create sessions for its call, one after the other, and use them', async () => {
    const key = await aToken();
    for (const _payment of [1, 2]) {
      const created = await create(key);
      expect(created.status).toBe(201);
      const path = `/v1/sessions/${created.body.id}`;
      expect((await server.call('POST', `${path}/fields/cvc/collect`, { key })).status).toBe(200);
      expect((await server.call('GET', `${path}/legs`, { key })).status).toBe(200);
      const confirmed = await server.call('POST', `${path}/confirm`, {
        key,
        headers: { 'Idempotency-Key': path },
      });
      expect(confirmed.body.status).toBe('approved');
    }
  });

  it.each([
    ['for another call', { call: { ...A_CREATE.call, call_id: 'e-92' } }],
    ['on another platform', { call: { ...A_CREATE.call, platform: 'plt_other' } }],
    ['over its limit', { intent: { ...A_CREATE.intent, amount: 5001 } }],
    ['in another currency', { intent: { ...A_CREATE.intent, currency: 'jpy' } }],
  ])('is refused %s', async (_case, change) => {
    const key = await aToken({ limit: { amount_max: 5000, currency: 'gbp' } });
    const reply = await create(key, { ...A_CREATE, ...change });
    expect(reply).toMatchObject({
      status: 403,
      body: { error: { type: 'permission_error', code: 'not_permitted' } },
    });
    expect(server.scripted.calls).toEqual([]);
  });

  it('does not get the answer of another call by its Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'shared' };
    await server.call('POST', '/v1/sessions', { body: A_CREATE, headers });
    const key = await aToken({ call_id: 'e-92' });
    expect((await server.call('POST', '/v1/sessions', { key, body: A_CREATE, headers })).status).toBe(403);
  });

  it('sees in a list only its own call', async () => {
    await create(KEY_A, { ...A_CREATE, call: { ...A_CREATE.call, call_id: 'e-92' } });
    await create(KEY_A, { ...A_CREATE, call: { ...A_CREATE.call, platform: 'plt_other' } });
    const mine = await create(KEY_A);
    const key = await aToken();
    for (const query of ['', '?call_id=e-92', '?limit=100']) {
      const list = await server.call('GET', `/v1/sessions${query}`, { key });
      expect(list.body.data.map((session: { id: string }) => session.id)).toEqual([mine.body.id]);
    }
  });

  it('for one session reaches that session and no other, also of the same call', async () => {
    const mine = await server.aSession();
    const other = await server.aSession();
    const reply = await server.call('POST', '/v1/agent_tokens', { body: { session: mine.id } });
    expect(reply).toMatchObject({ status: 201, body: { session: mine.id, platform: null, call_id: null } });
    const key = reply.body.token;
    expect((await server.call('GET', `/v1/sessions/${mine.id}`, { key })).status).toBe(200);
    expect((await server.call('GET', `/v1/sessions/${other.id}`, { key })).status).toBe(404);
    for (const refused of [await create(key), await server.call('GET', '/v1/sessions', { key })])
      expect(refused).toMatchObject({ status: 403, body: { error: { code: 'not_permitted' } } });
  });

  it('is not minted for a session of somebody else', async () => {
    const foreign = await server.aSession(KEY_B);
    const reply = await server.call('POST', '/v1/agent_tokens', { body: { session: foreign.id } });
    expect(reply).toMatchObject({
      status: 404,
      body: { error: { code: 'no_such_session', param: 'session' } },
    });
  });

  it('gives no right that its API key does not have', async () => {
    const scopes = ['sessions:read', 'sessions:write'];
    const { body } = await server.call('POST', '/v1/api_keys', { body: { scopes } });
    const { token } = (await mint({}, body.key)).body;
    const created = await create(token);
    // Nor the secret of the session, which could confirm.
    expect([created.status, created.body.client_secret]).toEqual([201, undefined]);
    const headers = { 'Idempotency-Key': 'k9' };
    const confirm = await server.call('POST', `/v1/sessions/${created.body.id}/confirm`, {
      key: token,
      headers,
    });
    expect(confirm).toMatchObject({ status: 403, body: { error: { code: 'missing_scope' } } });
  });

  it('ends with the API key that minted it', async () => {
    const scopes = ['sessions:read', 'sessions:write', 'payments:confirm'];
    const { body } = await server.call('POST', '/v1/api_keys', { body: { scopes } });
    const { token } = (await mint({}, body.key)).body;
    expect((await server.call('GET', '/v1/sessions', { key: token })).status).toBe(200);
    await server.call('POST', `/v1/api_keys/${body.id}/revoke`);
    expect((await server.call('GET', '/v1/sessions', { key: token })).status).toBe(401);
  });

  it('is refused when a letter of it was changed, wherever', async () => {
    const token = await aToken();
    for (let place = 4; place < token.length; place += 37) {
      const wrong = token.slice(0, place) + (token[place] === 'A' ? 'B' : 'A') + token.slice(place + 1);
      expect((await server.call('GET', '/v1/sessions', { key: wrong })).status).toBe(401);
    }
  });

  it('for the longest call there can be is still a credential', async () => {
    const key = await aToken({
      call_id: '"'.repeat(255),
      limit: { amount_max: 99_999_999, currency: 'gbp' },
    });
    expect((await server.call('GET', '/v1/sessions', { key })).status).toBe(200);
  });

  it('outlives a restart where its secret does, and is refused where it does not', async () => {
    const agentTokenSecret = new Uint8Array(32).fill(7);
    const token = await aToken();
    await using restarted = await PaymentsServer.start({ agentTokenSecret });
    expect((await restarted.call('GET', '/v1/sessions', { key: token })).status).toBe(401);
    const kept = await restarted.call('POST', '/v1/agent_tokens', {
      body: { platform: 'plt_main', call_id: 'e-91' },
    });
    await using again = await PaymentsServer.start({ agentTokenSecret });
    expect((await again.call('GET', '/v1/sessions', { key: kept.body.token })).status).toBe(200);
  });

  it('does not mint another', async () => {
    const reply = await mint({}, await aToken());
    expect(reply).toMatchObject({ status: 403, body: { error: { type: 'permission_error' } } });
  });

  it('is of the tenant that minted it', async () => {
    const foreign = await create(KEY_B);
    const key = await aToken();
    expect((await server.call('GET', `/v1/sessions/${foreign.body.id}`, { key })).status).toBe(404);
  });

  it('expires', async () => {
    const key = await aToken({ ttl_seconds: 60 });
    server.scheduler.advance(59_999);
    expect((await server.call('GET', '/v1/sessions', { key })).status).toBe(200);
    server.scheduler.advance(1);
    expect((await server.call('GET', '/v1/sessions', { key })).status).toBe(401);
  });

  it.each([
    { session: 'ses_a' },
    { ttl_seconds: 59 },
    { ttl_seconds: 14_401 },
    { limit: {} },
    { call_id: '' },
    { call_id: 'a b' },
    { tenant: 'x' },
  ])('is not minted with %j', async (body) => {
    expect((await mint(body)).status).toBe(400);
  });
});
