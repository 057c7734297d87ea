import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { A_CREATE, KEY_A, PaymentsServer } from '../testing/payments-server.ts';

let server: PaymentsServer;
let pages: string;
beforeAll(async () => {
  pages = await mkdtemp(join(tmpdir(), 'sordino-pages-'));
  await mkdir(join(pages, 'agent'));
  await writeFile(join(pages, 'agent', 'index.html'), '<!doctype html><script src="page.js"></script>');
  await writeFile(join(pages, 'agent', 'page.js'), '1');
  await writeFile(join(pages, 'agent', '.env'), 'secret');
  await writeFile(join(pages, 'outside.txt'), 'secret');
  await symlink('/etc', join(pages, 'etc'));
  server = await PaymentsServer.start({
    mounts: [
      { path: '/agent', directory: join(pages, 'agent') },
      { path: '/desk', directory: join(pages, 'agent'), frameAncestors: ['https://crm.example'] },
    ],
    allowedOrigins: ['https://desk.example'],
    notReadyBecause: () => notReady,
  });
});
afterAll(async () => {
  await server.close();
  await rm(pages, { recursive: true });
});
let notReady: string[] = [];
beforeEach(() => {
  notReady = [];
  server.reset();
});

const CARD = '4242424242424242';
const create = (body: unknown, headers = {}) => server.call('POST', '/v1/sessions', { body, headers });
const changed = (change: object) => ({ ...A_CREATE, ...change });

describe('a request that cannot be taken', () => {
  it.each<[string, number, string, string | null, unknown]>([
    ['no call', 400, 'invalid_parameter', 'call', { intent: A_CREATE.intent }],
    [
      'an amount that is text',
      400,
      'invalid_parameter',
      'intent.amount',
      changed({ intent: { ...A_CREATE.intent, amount: '4999' } }),
    ],
    [
      'half a penny',
      400,
      'invalid_parameter',
      'intent.amount',
      changed({ intent: { ...A_CREATE.intent, amount: 0.5 } }),
    ],
    [
      'a negative amount',
      400,
      'invalid_parameter',
      'intent.amount',
      changed({ intent: { ...A_CREATE.intent, amount: -1 } }),
    ],
    [
      'GBP in capitals',
      400,
      'invalid_parameter',
      'intent.currency',
      changed({ intent: { ...A_CREATE.intent, currency: 'GBP' } }),
    ],
    [
      'a caller that is no number',
      400,
      'invalid_parameter',
      'call.ani',
      changed({ call: { ...A_CREATE.call, ani: 'anonymous' } }),
    ],
    ['an unknown property', 400, 'invalid_parameter', 'pan', changed({ pan: 1 })],
    ['an unknown field', 400, 'invalid_parameter', 'fields.0', changed({ fields: ['pin'] })],
    ['a field twice', 400, 'invalid_parameter', 'fields', changed({ fields: ['cvc', 'cvc'] })],
    ['a list for an object', 400, 'invalid_parameter', null, []],
    ['nothing', 400, 'body_missing', null, undefined],
    [
      'too much metadata',
      400,
      'invalid_parameter',
      'metadata',
      changed({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ''])) }),
    ],
    ['broken JSON', 400, 'malformed_json', null, '{"call":'],
    ['text', 400, 'malformed_json', null, '"4242"'],
    [
      'a body that is too long',
      413,
      'body_too_large',
      null,
      changed({ metadata: { x: 'x'.repeat(70_000) } }),
    ],
  ])('is refused with place and rule: %s', async (_case, status, code, param, body) => {
    const reply = await create(body);
    expect(reply).toMatchObject({ status, body: { error: { type: 'invalid_request_error', code, param } } });
    expect(reply.body.error.message).toMatch(/\. ?(See|Send|)/);
    expect(server.scripted.calls).toEqual([]);
  });

  it.each([
    ['GET', '/v1/nothing', 404, 'unknown_route'],
    ['GET', '/nothing', 404, 'unknown_route'],
    ['GET', '/V1/sessions', 404, 'unknown_route'],
    ['GET', '/v1/Sessions', 404, 'unknown_route'],
    ['POST', '/v1/sessions/ses_x/cancel/', 404, 'unknown_route'],
    ['GET', '/v1//sessions', 404, 'unknown_route'],
    ['DELETE', '/v1/sessions', 405, 'method_not_allowed'],
    ['PUT', '/v1/sessions/ses_x', 405, 'method_not_allowed'],
    ['GET', '/v1/sessions/ses_x/confirm', 405, 'method_not_allowed'],
    ['POST', '/healthz', 405, 'method_not_allowed'],
    ['GET', '/v1/sessions?limit=0', 400, 'invalid_parameter'],
    ['GET', '/v1/sessions?limit=101', 400, 'invalid_parameter'],
    ['GET', '/v1/sessions?limit=x', 400, 'invalid_parameter'],
    ['GET', '/v1/sessions?status=paid', 400, 'invalid_parameter'],
    ['GET', '/v1/sessions?nonsense=1', 400, 'invalid_parameter'],
    ['GET', '/v1/sessions?limit=1&limit=2', 400, 'invalid_parameter'],
    ['GET', '/v1/sessions/ses_x/events?after=-1', 400, 'invalid_parameter'],
    ['POST', '/v1/sessions/ses_x/fields/pin/collect', 400, 'invalid_parameter'],
    ['GET', '/v1/sessions/%zz', 400, 'invalid_parameter'],
    ['GET', '/%zz', 404, 'unknown_route'],
    ['GET', '/agent/%zz', 404, 'unknown_route'],
  ])('%s %s is %d %s', async (method, path, status, code) => {
    expect(await server.call(method, path)).toMatchObject({
      status,
      body: { error: { code, call_safe: true } },
    });
  });

  it.each([
    ['text/plain', {}],
    ['application/x-www-form-urlencoded', {}],
    ['multipart/form-data; boundary=x', {}],
    ['application/json', { 'Content-Encoding': 'gzip' }],
    ['application/json; charset=iso-8859-1', {}],
  ])('is 415 as %s %j', async (type, more) => {
    const headers = { 'Content-Type': type, ...more };
    expect(await create(JSON.stringify(A_CREATE), headers)).toMatchObject({ status: 415 });
    const { id } = await server.aSession();
    const cancel = await server.call('POST', `/v1/sessions/${id}/cancel`, { body: '{}', headers });
    expect(cancel).toMatchObject({ status: 415, body: { error: { code: 'unsupported_media_type' } } });
  });

  it('needs an Idempotency-Key to confirm', async () => {
    const { id } = await server.aSession();
    for (const headers of [{}, { 'Idempotency-Key': '' }, { 'Idempotency-Key': 'x'.repeat(256) }]) {
      const reply = await server.call('POST', `/v1/sessions/${id}/confirm`, { headers });
      expect(reply.status).toBe(400);
      expect(reply.body.error.param?.toLowerCase()).toBe('idempotency-key');
    }
    expect(server.scripted.calls).toEqual(['create']);
  });
});

describe('a hostile body', () => {
  it.each([
    ['deep arrays', `{"metadata":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
    ['deep objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    [
      '__proto__',
      `{"__proto__":{"livemode":true},"call":{"platform":"p","call_id":"c"},"intent":{"type":"charge","amount":1,"currency":"gbp"}}`,
    ],
    [
      'constructor',
      `{"constructor":{"prototype":{"polluted":1}},"call":{"platform":"p","call_id":"c"},"intent":{"type":"charge","amount":1,"currency":"gbp"}}`,
    ],
    [
      '__proto__ in metadata',
      `{"metadata":{"__proto__":"x"},"call":{"platform":"p","call_id":"c"},"intent":{"type":"charge","amount":1,"currency":"gbp"}}`,
    ],
    [
      'a huge number',
      '{"call":{"platform":"p","call_id":"c"},"intent":{"type":"charge","amount":1e999,"currency":"gbp"}}',
    ],
    ['bad UTF-8', Buffer.from('7b22ff22', 'hex').toString('latin1')],
    [
      'a null byte',
      '{"call":{"platform":"p\\u0000","call_id":"c"},"intent":{"type":"charge","amount":1,"currency":"gbp"}}',
    ],
  ])('with %s is refused and changes nothing', async (_case, body) => {
    const reply = await create(body);
    expect(reply.status).toBe(400);
    expect(server.scripted.calls).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((await server.call('GET', '/v1/sessions')).status).toBe(200);
  });
});

describe('a card number that is sent by mistake', () => {
  it.each<[string, object]>([
    ['as reference', { intent: { ...A_CREATE.intent, reference: `card ${CARD}` } }],
    ['with spaces', { intent: { ...A_CREATE.intent, reference: '4242 4242 4242 4242' } }],
    ['in metadata', { metadata: { note: CARD } }],
    ['as a metadata name', { metadata: { [CARD]: 'x' } }],
    ['as a property', { [CARD]: 'x' }],
    ['as amount', { intent: { ...A_CREATE.intent, amount: Number(CARD) } }],
    ['as agent', { agent: { id: CARD } }],
    ['as platform', { call: { ...A_CREATE.call, platform: CARD } }],
    ['as connector', { connector: CARD }],
    ['as caller', { call: { ...A_CREATE.call, ani: `+${CARD}` } }],
    ['as card_number', { card_number: CARD }],
    ['as a field', { fields: [CARD] }],
  ])('%s is refused, and neither answered nor logged', async (_case, change) => {
    const reply = await create(changed(change));
    expect(reply.status).toBe(400);
    expect(JSON.stringify(reply.body)).not.toContain('4242');
    expect(JSON.stringify(server.logged)).not.toContain('4242');
  });

  it('in broken JSON, in the path or in the query is neither answered nor logged', async () => {
    const replies = [
      await create(`{"number":"${CARD}`),
      await server.call('GET', `/v1/sessions/${CARD}`),
      await server.call('GET', `/v1/${CARD}`),
      await server.call('GET', `/${CARD}`),
      await server.call('GET', `/v1/sessions?${CARD}=1`),
      await server.call('GET', `/v1/sessions?status=${CARD}`),
      await server.call('POST', `/v1/sessions/ses_x/fields/${CARD}/collect`),
    ];
    for (const reply of replies) {
      expect([400, 404]).toContain(reply.status);
      expect(JSON.stringify(reply.body)).not.toContain('4242');
    }
    expect(JSON.stringify(server.logged)).not.toContain('4242');
  });
});

describe('a bug', () => {
  it('is a 500 without details, is logged by its place, and the next request is served', async () => {
    const { id } = await server.aSession();
    server.scripted.throwWith = new TypeError(`cannot read 'x' of ${CARD}`);
    const reply = await server.call('POST', `/v1/sessions/${id}/fields/cvc/collect`);
    expect(reply).toMatchObject({
      status: 500,
      body: { error: { type: 'api_error', code: 'internal_error', session: id } },
    });
    expect(JSON.stringify(reply.body)).not.toMatch(/TypeError|cannot read|\.ts|4242/);
    const error = server.logged.find((line) => line.level === 'error');
    expect(error?.fields).toMatchObject({ request_id: reply.headers.get('request-id'), error: 'TypeError' });
    expect(String(error?.fields.at)).toMatch(/app\.test/);
    expect(JSON.stringify(server.logged)).not.toContain('4242');
    server.scripted.throwWith = undefined;
    expect((await server.call('GET', `/v1/sessions/${id}`)).status).toBe(200);
  });
});

describe('the log of a request', () => {
  it('has route, status, tenant and session, but no body, no query and no credential', async () => {
    const { id, secret } = await server.aSession();
    server.logged.length = 0;
    await server.call('POST', `/v1/sessions/${id}/fields/cvc/clear?`, { body: { last: 3 }, key: secret });
    await server.call('GET', '/v1/sessions?call_id=e-91');
    const lines = server.logged.map((line) => line.fields);
    expect(lines[0]).toEqual({
      request_id: expect.stringMatching(/^req_/),
      method: 'POST',
      route: '/v1/sessions/:id/fields/:name/clear',
      status: 200,
      took_ms: 0,
      tenant: 'tnt_a',
      by: 'client_secret',
      session: id,
    });
    expect(JSON.stringify(lines)).not.toMatch(/last|e-91|secret_|sk_test/);
    expect(JSON.stringify(lines)).not.toContain(KEY_A);
  });
});

describe('health', () => {
  it('is told to anyone: alive, and ready or why not', async () => {
    expect(await server.call('GET', '/healthz', { key: null })).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    });
    expect(await server.call('GET', '/readyz', { key: null })).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    });
    notReady = ['draining'];
    expect(await server.call('GET', '/healthz', { key: null })).toMatchObject({ status: 200 });
    const reply = await server.call('GET', '/readyz', { key: null });
    expect(reply).toMatchObject({ status: 503, body: { status: 'not_ready', reasons: ['draining'] } });
  });
});

describe('pages', () => {
  it('are served with a policy that runs only their own scripts and tells nobody where they are', async () => {
    const page = await server.call('GET', '/agent/', { key: null });
    expect(page.status).toBe(200);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|\*|http:/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('x-powered-by')).toBeNull();
    expect((await server.call('GET', '/agent/page.js', { key: null })).status).toBe(200);
  });

  it('can be framed only by the origins that the configuration names', async () => {
    const page = await server.call('GET', '/desk/', { key: null });
    expect(page.headers.get('content-security-policy')).toContain('frame-ancestors https://crm.example');
    expect(page.headers.get('x-frame-options')).toBeNull();
  });

  it.each([
    '/agent/.env',
    '/agent/../outside.txt',
    '/agent/%2e%2e/outside.txt',
    '/agent/..%2foutside.txt',
    '/agent/nothing.js',
    '/agent//etc/passwd',
  ])('do not give out %s', async (path) => {
    expect((await server.call('GET', path, { key: null })).status).toBe(404);
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string) =>
    server.call('OPTIONS', '/v1/sessions', {
      key: null,
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });

  it('may call when they are named', async () => {
    const reply = await preflight('https://desk.example');
    expect(reply.status).toBe(204);
    expect(reply.headers.get('access-control-allow-origin')).toBe('https://desk.example');
    expect(reply.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
    expect(reply.headers.get('access-control-allow-credentials')).toBeNull();
    const read = await server.call('GET', '/v1/sessions', { headers: { Origin: 'https://desk.example' } });
    expect(read.headers.get('access-control-allow-origin')).toBe('https://desk.example');
    expect(read.headers.get('vary')).toContain('Origin');
  });

  it.each(['https://evil.example', 'https://desk.example.evil.example', 'http://desk.example', 'null'])(
    'may not from %s',
    async (origin) => {
      const reply = await preflight(origin);
      expect(reply.status).toBe(401);
      expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    },
  );
});
