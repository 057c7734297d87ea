import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KEY_A, KEY_A_LIVE, KEY_B, PaymentsServer } from '../testing/payments-server.ts';
import { CONNECTORS } from '../testing/scripted-connectors.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => server.reset());
afterAll(() => server.close());

const [SANDBOX, BANK] = CONNECTORS;
const get = (path: string, key: string) => server.call('GET', `/v1/connectors${path}`, { key });

describe('connectors', () => {
  it('are shown with what they can do, those of the mode of the key only', async () => {
    for (const key of [KEY_A, KEY_B]) expect((await get('', key)).body.data).toEqual([SANDBOX]);
    expect((await get('', KEY_A_LIVE)).body.data).toEqual([BANK]);
    expect((await get('/con_sandbox', KEY_A)).body).toEqual(SANDBOX);
    expect((await get('/con_bank', KEY_A_LIVE)).body).toEqual(BANK);
  });

  it.each(['con_bank', 'con_none', 'ses_1', '4242424242424242', '..%2f..'])(
    '%s is none in test mode',
    async (id) => {
      const reply = await get(`/${id}`, KEY_A);
      expect(reply).toMatchObject({
        status: 404,
        body: { error: { code: 'no_such_connector', param: 'connector' } },
      });
    },
  );

  it('are for servers, and cannot be made here', async () => {
    const { secret } = await server.aSession();
    for (const path of ['', '/con_sandbox']) expect((await get(path, secret)).status).toBe(403);
    expect((await server.call('POST', '/v1/connectors', { body: SANDBOX })).status).toBe(405);
  });
});
