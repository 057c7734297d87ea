import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KEY_A, KEY_B, PaymentsServer } from '../testing/payments-server.ts';
import { PLATFORM } from '../testing/scripted-platforms.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => {
  server.reset();
  server.platforms.probed = PLATFORM;
});
afterAll(() => server.close());

const EVERY_CALL = [
  ['GET', '/v1/platforms'],
  ['GET', '/v1/platforms/plt_main'],
  ['POST', '/v1/platforms/plt_main/probe'],
] as const;

describe('platforms', () => {
  it('are listed and read, the same for each tenant', async () => {
    for (const key of [KEY_A, KEY_B]) {
      const list = await server.call('GET', '/v1/platforms', { key });
      expect(list).toMatchObject({
        status: 200,
        body: { object: 'list', data: [PLATFORM], has_more: false },
      });
      const one = await server.call('GET', '/v1/platforms/plt_main', { key });
      expect([one.status, one.body]).toEqual([200, PLATFORM]);
    }
  });

  it('are probed on request, once at a time', async () => {
    const reply = await server.call('POST', '/v1/platforms/plt_main/probe');
    expect([reply.status, reply.body]).toEqual([200, PLATFORM]);
    server.platforms.probed = 'too_soon';
    const again = await server.call('POST', '/v1/platforms/plt_main/probe', { body: {} });
    expect(again).toMatchObject({
      status: 429,
      body: { error: { type: 'rate_limit_error', code: 'probe_too_soon', retryable: true, session: null } },
    });
    expect(again.headers.get('retry-after')).toBe('1');
  });

  it.each(EVERY_CALL)('%s %s is for API keys only', async (method, path) => {
    const { secret } = await server.aSession();
    const token = await server.call('POST', '/v1/agent_tokens', {
      body: { platform: 'plt_main', call_id: 'e-91' },
    });
    for (const key of [secret, token.body.token]) {
      expect(await server.call(method, path, { key })).toMatchObject({
        status: 403,
        body: { error: { type: 'permission_error', code: 'not_permitted' } },
      });
    }
    expect((await server.call(method, path, { key: null })).status).toBe(401);
  });

  it.each(['plt_other', 'ses_1', '4242424242424242', '..%2f..'])('%s is none', async (id) => {
    for (const [method, path] of EVERY_CALL.slice(1)) {
      const reply = await server.call(method, path.replace('plt_main', id));
      expect(reply).toMatchObject({
        status: 404,
        body: { error: { code: 'no_such_platform', param: 'platform' } },
      });
    }
  });

  it('cannot be made or changed here: the configuration is the one source', async () => {
    expect((await server.call('POST', '/v1/platforms', { body: PLATFORM })).status).toBe(405);
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      expect((await server.call(method, '/v1/platforms/plt_main', { body: {} })).status).toBe(405);
    }
    expect(
      (await server.call('POST', '/v1/platforms/plt_main/probe', { body: { target: 'x' } })).status,
    ).toBe(400);
  });
});
