import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openApiDocument } from '../http/openapi.ts';
import { A_CREATE, type Call, KEY_A, KEY_A_LIVE, KEY_B, PaymentsServer } from '../testing/payments-server.ts';
import { NOT_READY } from '../testing/scripted-service.ts';

/** One server for all: its document takes a second to compile. Each test makes its own sessions and starts with no script. */
let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(async () => {
  server.reset();
  madeKey = (await server.call('POST', '/v1/api_keys', { body: { scopes: ['sessions:read'] } })).body.id;
});
afterAll(() => server.close());

/** A key that each test may roll and revoke. */
let madeKey = '';

interface Operation {
  readonly method: string;
  readonly path: string;
}

/** Every operation of the document: a route that is added there is in these tests at once. */
const OPERATIONS: Operation[] = Object.entries(openApiDocument().paths as Record<string, object>).flatMap(
  ([path, item]) =>
    Object.keys(item)
      .filter((key) => key === 'get' || key === 'post')
      .map((method) => ({ method: method.toUpperCase(), path })),
);
/** But for what gateways send, which has signatures of its own: gateway-events.test.ts. */
const V1 = OPERATIONS.filter(({ path }) => path.startsWith('/v1') && !path.startsWith('/v1/gateway_events'));
const OF_ONE_SESSION = V1.filter(({ path }) => path.includes('{id}'));

/** What each operation needs besides its path to be acceptable. */
function aGoodCall({ method, path }: Operation, session: string): Call {
  if (path === '/v1/test/faults' && method === 'POST') return { body: { session, fault: 'held' } };
  if (path.endsWith('/replay')) return { body: { session, from_seq: 1 } };
  if (path === '/v1/sessions' && method === 'POST') return { body: A_CREATE };
  if (path === '/v1/api_keys' && method === 'POST') return { body: { scopes: ['sessions:read'] } };
  if (path === '/v1/agent_tokens') return { body: { platform: 'plt_main', call_id: 'e-91' } };
  if (path.endsWith('/play')) return { body: { to: 'agent', prompt: 'wait' } };
  if (path.endsWith('/resolve')) return { body: { outcome: 'failed', note: 'not there' } };
  // What it says is the service's to read, as bytes: pay-connectors.test.ts.
  if (path.startsWith('/v1/pay_connectors')) return { body: {} };
  return /\/(confirm|settle|void|refund)$/.test(path) ? { headers: { 'Idempotency-Key': 'k1' } } : {};
}

const pathOf = (operation: Operation, id: string) =>
  operation.path
    .replace('{id}', id)
    .replace('{name}', 'card_number')
    .replace('{platform}', 'plt_main')
    .replace('{connector}', 'con_sandbox')
    .replace('{key}', madeKey)
    .replace('{endpoint}', 'whe_main');
const title = OPERATIONS.map((operation) => [`${operation.method} ${operation.path}`, operation] as const);

describe('every route of the document', () => {
  it.each(title.filter(([name]) => !name.endsWith('/stream')))(
    '%s answers as the document says',
    async (_name, operation) => {
      const { id } = await server.aSession();
      const reply = await server.call(operation.method, pathOf(operation, id), aGoodCall(operation, id));
      expect([200, 201, 202]).toContain(reply.status);
      expect(reply.headers.get('request-id')).toMatch(/^req_[0-9a-z]{26}$/);
      expect(reply.headers.get('cache-control')).toBe('no-store');
      expect(server.logged.filter((line) => line.level === 'error')).toEqual([]);
    },
  );

  it.each(V1.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s asks for a credential, before anything else',
    async (_name, operation) => {
      const { id } = await server.aSession();
      for (const key of [null, 'sk_test_wrong', 'agt_wrong', 'ses_x_secret_wrong', 'nonsense']) {
        const reply = await server.call(operation.method, pathOf(operation, id), {
          ...aGoodCall(operation, id),
          key,
        });
        expect(reply.status).toBe(401);
        expect(reply.body.error).toMatchObject({ type: 'authentication_error', call_safe: true });
        expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
      expect(server.scripted.calls).toEqual(['create']);
    },
  );

  it.each(OF_ONE_SESSION.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
    '%s is 404 for another tenant, for the other mode, for the secret of another session and for no session',
    async (_name, operation) => {
      const { id } = await server.aSession();
      const other = await server.aSession();
      const token = await server.call('POST', '/v1/agent_tokens', {
        body: { platform: 'plt_main', call_id: 'another' },
      });
      const before = server.scripted.calls.length;
      const answers = [];
      for (const key of [KEY_B, KEY_A_LIVE, other.secret, token.body.token])
        answers.push(
          await server.call(operation.method, pathOf(operation, id), { ...aGoodCall(operation, id), key }),
        );
      for (const unknown of ['ses_00000000000000000000000000', 'ses_x', 'x', '4242424242424242'])
        answers.push(
          await server.call(operation.method, pathOf(operation, unknown), aGoodCall(operation, id)),
        );
      const errors = answers.map(({ status, body }) => ({
        status,
        ...body.error,
        request_id: '',
        param: '',
      }));
      expect(errors[0]).toMatchObject({
        status: 404,
        code: 'no_such_session',
        session: null,
        topology: null,
      });
      // The same to the letter, so that nothing can be learned from it.
      for (const error of errors) expect(error).toEqual(errors[0]);
      expect(server.scripted.calls).toHaveLength(before);
    },
  );

  it('is served as the document itself', async () => {
    const reply = await server.call('GET', '/openapi.yaml', { key: null });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatch(/^openapi: 3\.1\.0/);
  });
});

describe('a session over HTTP', () => {
  it('is created, read, used and listed', async () => {
    const created = await server.call('POST', '/v1/sessions', { body: A_CREATE });
    expect(created).toMatchObject({
      status: 201,
      body: { object: 'session', livemode: false, intent: { amount: 4999 } },
    });
    const { id } = created.body;
    const read = await server.call('GET', `/v1/sessions/${id}`);
    expect(read.body).toEqual({ ...created.body, client_secret: undefined });
    await server.call('POST', `/v1/sessions/${id}/fields/card_number/collect`);
    await server.call('POST', `/v1/sessions/${id}/fields/card_number/clear`, { body: { last: 4 } });
    await server.call('POST', `/v1/sessions/${id}/fields/cvc/clear`, { body: {} });
    await server.call('POST', `/v1/sessions/${id}/play`, { body: { to: 'agent', prompt: 'wait' } });
    await server.call('POST', `/v1/sessions/${id}/play`, { body: { to: 'agent', prompt: null } });
    await server.call('POST', `/v1/sessions/${id}/restore`, { body: {} });
    await server.call('POST', `/v1/sessions/${id}/cancel`);
    expect(server.scripted.calls).toEqual([
      'create',
      'collect card_number',
      'clear card_number 4',
      'clear cvc all',
      'play wait to agent',
      'play null to agent',
      'restore',
      'cancel',
    ]);
    const list = await server.call('GET', '/v1/sessions?call_id=e-91&status=canceled&limit=5');
    expect(list.body).toMatchObject({ object: 'list', has_more: false, data: [{ id, status: 'canceled' }] });
    expect((await server.call('GET', '/v1/sessions', { key: KEY_B })).body.data).toEqual([]);
  });

  it.each([
    { prompt: 'wait' },
    { to: 'agent' },
    { to: 'platform', prompt: 'wait' },
    { to: 'agent', prompt: '../../etc/passwd' },
    { to: 'agent', prompt: '' },
    { to: 'agent', prompt: 7 },
    { to: 'agent', prompt: 'wait', loop: true },
  ])('plays nothing for %j', async (body) => {
    const { id } = (await server.call('POST', '/v1/sessions', { body: A_CREATE })).body;
    const reply = await server.call('POST', `/v1/sessions/${id}/play`, { body });
    expect(reply.status).toBe(400);
    expect(server.scripted.calls).toEqual(['create']);
  });

  it.each([
    ['user name, as Stripe does', `${KEY_A}:`, 200],
    ['password, for forms that want both', `x:${KEY_A}`, 200],
    ['user name beside another password: refused', `${KEY_A}:x`, 401],
    ['a part of the password: refused', `x:y:${KEY_A}`, 401],
  ])('reads basic authentication with the key as %s', async (_as, text, status) => {
    const headers = { Authorization: `Basic ${Buffer.from(text).toString('base64')}` };
    expect((await server.call('GET', '/v1/sessions', { key: null, headers })).status).toBe(status);
  });

  it("is the client secret's, for that session only", async () => {
    const { id, secret } = await server.aSession();
    const call = (method: string, path: string, more: Call = {}) =>
      server.call(method, path, { ...more, key: secret });
    expect((await call('GET', `/v1/sessions/${id}`)).status).toBe(200);
    expect(
      (await call('POST', `/v1/sessions/${id}/confirm`, { headers: { 'Idempotency-Key': 'k' } })).status,
    ).toBe(200);
    for (const [method, path, body] of [
      ['GET', '/v1/sessions', undefined],
      ['POST', '/v1/sessions', A_CREATE],
      ['POST', '/v1/agent_tokens', { platform: 'plt_main', call_id: 'e-91' }],
    ] as const)
      expect(await call(method, path, { body })).toMatchObject({
        status: 403,
        body: { error: { type: 'permission_error' } },
      });
  });

  it('passes on why the service refuses, with how the call stands', async () => {
    const { id } = await server.aSession();
    server.scripted.put(id, { topology: 'engaging' });
    server.scripted.refuseWith = NOT_READY;
    const refused = await server.call('POST', `/v1/sessions/${id}/fields/cvc/collect`);
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual({
      error: {
        type: 'invalid_request_error',
        code: 'not_ready',
        message: 'wait for session.ready',
        param: null,
        session: id,
        retryable: true,
        call_safe: true,
        topology: 'engaging',
        leg: null,
        sip: null,
        doc_url: '/docs/api/errors#not_ready',
        request_id: refused.headers.get('request-id'),
      },
    });
    server.scripted.put(id, { topology: 'lost' });
    const lost = await server.call('POST', `/v1/sessions/${id}/fields/cvc/collect`);
    expect(lost.body.error).toMatchObject({ call_safe: false, topology: 'lost' });
    const call_failure = { leg: 'leg7_out', sip: { status: 603, reason: 'leg7_refused' } };
    server.scripted.put(id, { topology: 'original', call_failure });
    const failed = await server.call('POST', `/v1/sessions/${id}/fields/cvc/collect`);
    expect(failed.body.error).toMatchObject({ call_safe: true, ...call_failure });
  });

  it('says when to come back if it is overloaded', async () => {
    server.scripted.refuseWith = { ...NOT_READY, httpStatus: 503, type: 'api_error', code: 'overloaded' };
    const reply = await server.call('POST', '/v1/sessions', { body: A_CREATE });
    expect(reply).toMatchObject({
      status: 503,
      body: { error: { code: 'overloaded', retryable: true, call_safe: true } },
    });
    expect(reply.headers.get('retry-after')).toBe('1');
  });
});
