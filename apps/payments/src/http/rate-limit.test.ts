import { afterEach, describe, expect, it } from '@jest/globals';
import { KEY_A, KEY_A_LIVE, KEY_B, PaymentsServer } from '../testing/payments-server.ts';

let server: PaymentsServer | undefined;
afterEach(() => server?.close());

/** 10 requests of a key and 20 of a page in 10 s. */
async function start(): Promise<PaymentsServer> {
  server = await PaymentsServer.start({ rates: { apiKeyPerS: 1, pagePerS: 2 } });
  return server;
}

const read = async (from: PaymentsServer, key: string, times: number, path = '/v1/sessions') => {
  const replies = [];
  for (let time = 0; time < times; time += 1) replies.push(await from.call('GET', path, { key }));
  return replies;
};

describe('a credential that asks too often', () => {
  it('is told so and when to come back; the call is safe', async () => {
    const at = await start();
    const replies = await read(at, KEY_A, 11);
    expect(replies.slice(0, 10).map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    const refused = replies[10];
    expect(refused).toMatchObject({
      status: 429,
      body: {
        error: { type: 'rate_limit_error', code: 'too_many_requests', retryable: true, call_safe: true },
      },
    });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('takes nothing from other keys, of the same tenant neither', async () => {
    const at = await start();
    await read(at, KEY_A, 11);
    for (const key of [KEY_B, KEY_A_LIVE]) expect((await read(at, key, 1))[0]?.status).toBe(200);
  });

  it('may be a page: each has its own budget, and not that of its key', async () => {
    const at = await start();
    const [one, other] = [await at.aSession(), await at.aSession()];
    const replies = await read(at, one.secret, 21, `/v1/sessions/${one.id}`);
    expect(replies.map(({ status }) => status).slice(19)).toEqual([200, 429]);
    expect((await at.call('GET', `/v1/sessions/${other.id}`, { key: other.secret })).status).toBe(200);
  });

  it('cannot take the probes and the document with it', async () => {
    const at = await start();
    await read(at, KEY_A, 11);
    for (const path of ['/healthz', '/readyz', '/openapi.yaml'])
      expect((await at.call('GET', path)).status).toBe(200);
  });

  it('needs a credential to count: without one it is 401 as before', async () => {
    const at = await start();
    const replies = await read(at, 'sk_test_wrong', 12);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
  });
});
