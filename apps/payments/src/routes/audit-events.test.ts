import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KEY_A, KEY_A_LIVE, KEY_B, PaymentsServer } from '../testing/payments-server.ts';

let server: PaymentsServer;
beforeAll(async () => {
  server = await PaymentsServer.start();
});
beforeEach(() => {
  server.reset();
  server.audited.asked.length = 0;
});
afterAll(() => server.close());

const list = (query = '', key = KEY_A) => server.call('GET', `/v1/audit_events${query}`, { key });

describe('audit events', () => {
  it('are listed newest first, page by page', async () => {
    const first = await list('?limit=2');
    expect(first.body).toMatchObject({
      object: 'list',
      has_more: true,
      data: [{ id: 'aud_3' }, { id: 'aud_2' }],
    });
    const rest = await list('?limit=2&starting_after=aud_2');
    expect(rest.body).toMatchObject({ has_more: false, data: [{ id: 'aud_1' }] });
  });

  it('are asked for by tenant and mode of the key, whatever else is asked', async () => {
    const query =
      '?session=ses_a&actor=api_key%20key_1&action=POST%20/v1/sessions/:id/confirm&since=1790000000&until=1790000001';
    for (const key of [KEY_A, KEY_B, KEY_A_LIVE]) await list(query, key);
    const filter = {
      limit: 20,
      session: 'ses_a',
      actor: 'api_key key_1',
      action: 'POST /v1/sessions/:id/confirm',
      sinceMs: 1_790_000_000_000,
      untilMs: 1_790_000_001_999,
    };
    expect(server.audited.asked).toEqual([
      { tenant: 'tnt_a', livemode: false, filter },
      { tenant: 'tnt_b', livemode: false, filter },
      { tenant: 'tnt_a', livemode: true, filter },
    ]);
  });

  it.each([
    '?limit=0',
    '?limit=101',
    '?starting_after=3',
    '?actor=4242424242424242',
    '?tenant=tnt_b',
    '?since=x',
  ])('%s is refused', async (query) => {
    expect((await list(query)).status).toBe(400);
    expect(server.audited.asked).toEqual([]);
  });

  it('are not for pages', async () => {
    const { secret } = await server.aSession();
    expect(await list('', secret)).toMatchObject({ status: 403, body: { error: { code: 'not_permitted' } } });
  });
});
