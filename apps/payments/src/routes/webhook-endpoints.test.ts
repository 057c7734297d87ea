import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KEY_A_LIVE, KEY_B, PaymentsServer } from '../testing/payments-server.ts';
import { ENDPOINT } from '../testing/scripted-webhooks.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => {
  server.reset();
  server.webhooks.replays.length = 0;
  server.webhooks.unknown = undefined;
});
afterAll(() => server.close());

const REPLAY = '/v1/webhook_endpoints/whe_main/replay';
const EVERY_CALL = [
  ['GET', '/v1/webhook_endpoints', undefined],
  ['GET', '/v1/webhook_endpoints/whe_main', undefined],
  ['POST', REPLAY, { session: 'ses_1', from_seq: 1 }],
] as const;

describe('webhook endpoints', () => {
  it('are listed and read by their tenant', async () => {
    const list = await server.call('GET', '/v1/webhook_endpoints');
    expect([list.status, list.body]).toEqual([200, { object: 'list', data: [ENDPOINT], has_more: false }]);
    const one = await server.call('GET', '/v1/webhook_endpoints/whe_main');
    expect([one.status, one.body]).toEqual([200, ENDPOINT]);
  });

  it.each([KEY_B, KEY_A_LIVE])('are nobody else’s: another tenant or mode finds none', async (key) => {
    expect((await server.call('GET', '/v1/webhook_endpoints', { key })).body.data).toEqual([]);
    for (const [method, path, body] of EVERY_CALL.slice(1)) {
      const reply = await server.call(method, path, { key, ...(body && { body }) });
      expect(reply).toMatchObject({ status: 404, body: { error: { code: 'no_such_webhook_endpoint' } } });
    }
    expect(server.webhooks.replays).toEqual([]);
  });

  it.each(EVERY_CALL)('%s %s is for API keys only', async (method, path, body) => {
    const { secret } = await server.aSession();
    const reply = await server.call(method, path, { key: secret, ...(body && { body }) });
    expect(reply).toMatchObject({ status: 403, body: { error: { code: 'not_permitted' } } });
  });

  it.each(['whe_other', 'ses_1', '4242424242424242', '..%2f..'])('%s is none', async (id) => {
    const reply = await server.call('GET', `/v1/webhook_endpoints/${id}`);
    expect(reply.status).toBe(404);
    expect(JSON.stringify(reply.body)).not.toContain('4242');
  });
});

describe('a replay', () => {
  it('begins at the seq that is asked for', async () => {
    const reply = await server.call('POST', REPLAY, { body: { session: 'ses_1', from_seq: 7 } });
    expect([reply.status, reply.body]).toEqual([202, ENDPOINT]);
    expect(server.webhooks.replays).toEqual(['whe_main ses_1 7']);
  });

  it('of a session that the tenant does not have is 404', async () => {
    server.webhooks.unknown = 'ses_1';
    const reply = await server.call('POST', REPLAY, { body: { session: 'ses_1', from_seq: 1 } });
    expect(reply).toMatchObject({
      status: 404,
      body: { error: { code: 'no_such_session', param: 'session' } },
    });
  });

  it.each([
    ['nothing', {}],
    ['seq 0', { session: 'ses_1', from_seq: 0 }],
    ['half a seq', { session: 'ses_1', from_seq: 1.5 }],
    ['no session', { from_seq: 1 }],
    ['something that is no session', { session: 'evt_1', from_seq: 1 }],
    ['more than is known', { session: 'ses_1', from_seq: 1, url: 'https://evil.example' }],
  ])('of %s is refused', async (_what, body) => {
    const reply = await server.call('POST', REPLAY, { body });
    expect(reply).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } });
    expect(server.webhooks.replays).toEqual([]);
  });
});
