import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiAccess } from '../http/app.ts';
import { KEY_A, KEY_A_LIVE, PaymentsServer } from '../testing/payments-server.ts';
import { NOT_READY } from '../testing/scripted-service.ts';

const CARD = '4242424242424242';
const BODY = `{"transaction_id":"PK-1","cardnumber":"${CARD}","cvv":"739"}`;
const PATH = '/v1/pay_connectors/con_sandbox';
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

const basic = (user: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const pay = (more: { key?: string | null; headers?: Record<string, string>; body?: unknown } = {}) =>
  server.call('POST', PATH, { body: BODY, ...more });
const zero = () => server.scripted.paid.every((byte) => byte === 0);

describe('a pay connector', () => {
  it('gets the bytes that came, answers with all names, and leaves zeroes', async () => {
    server.scripted.pays = { status: 'approved', result: { ...(await blank()), auth_code: 'A1' } };
    const reply = await pay();
    const session = reply.body.session;
    expect(reply).toMatchObject({ status: 200, body: { charge_id: session } });
    expect(reply.body).toEqual({
      ...{
        charge_id: session,
        token_id: null,
        auth_code: 'A1',
        error_code: null,
        error_message: null,
        session,
      },
    });
    expect(server.scripted.calls.at(-1)).toBe(`pay con_sandbox ${BODY}`);
    expect([server.scripted.paid.length, zero()]).toEqual([BODY.length, true]);
    expect(audited.at(-1)).toMatchObject({
      action: 'POST /v1/pay_connectors/:connector',
      session,
      outcome: 'HTTP 200',
      principal: { kind: 'api_key' },
    });
    expect(JSON.stringify([server.logged, audited])).not.toMatch(/4242424242|\b739\b/);
  });

  async function blank() {
    const { id } = await server.aSession();
    return (await server.call('GET', `/v1/sessions/${id}`)).body.result;
  }

  it.each([
    ['declined', { decline_code: 'insufficient_funds' }, 'insufficient_funds'],
    ['declined', { decline_code: null }, 'generic_decline'],
    ['unknown', { failure_code: 'answer_lost' }, 'outcome_unknown'],
    ['failed', { failure_code: 'same_card_unknown' }, 'same_card_unknown'],
    ['canceled', {}, 'canceled'],
  ] as const)('that ends as %s %o says so in a 200', async (status, more, code) => {
    server.scripted.pays = { status, result: { ...(await blank()), ...more } };
    const { status: http, body } = await pay();
    expect([http, body]).toEqual([
      200,
      {
        ...{ charge_id: null, token_id: null, auth_code: null, error_code: code },
        ...{ error_message: expect.stringMatching(/./), session: expect.stringMatching(/^ses_/) },
      },
    ]);
  });

  it('that saves a card says its token', async () => {
    server.scripted.pays = {
      status: 'approved',
      intent: { type: 'tokenize', amount: 0, currency: 'gbp', reference: null },
      result: { ...(await blank()), token: 'tok_9' },
    };
    expect((await pay()).body).toMatchObject({ charge_id: null, token_id: 'tok_9', error_code: null });
  });

  it.each([
    ['the user name', basic(KEY_A, '')],
    ['the password', basic('twilio', KEY_A)],
  ])('is authenticated by its key as %s', async (_where, headers) => {
    expect((await pay({ key: null, headers })).status).toBe(200);
  });

  it.each([
    ['none', {}],
    ['a wrong password', basic(KEY_A, 'secret')],
    ['a wrong key', basic('twilio', `${KEY_A}x`)],
  ])('is refused with credential: %s, before its body is looked at', async (_what, headers) => {
    expect(await pay({ key: null, headers })).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_credential' } },
    });
    expect(server.scripted.calls).toEqual([]);
    expect(audited).toMatchObject([{ principal: undefined, outcome: 'HTTP 401' }]);
  });

  it('needs the scope of its own, which does nothing else', async () => {
    const made = async (scopes: string[]) =>
      (await server.call('POST', '/v1/api_keys', { body: { scopes } })).body.key;
    const others = await made(['sessions:write', 'payments:confirm', 'payments:manage', 'operations:write']);
    expect(await pay({ key: others })).toMatchObject({
      status: 403,
      body: { error: { code: 'missing_scope' } },
    });
    const own = await made(['payments:charge']);
    expect((await pay({ key: own })).status).toBe(200);
    expect((await server.call('GET', '/v1/sessions', { key: own })).status).toBe(403);
  });

  it('is not for pages', async () => {
    const { secret } = await server.aSession();
    expect(await pay({ key: secret })).toMatchObject({
      status: 403,
      body: { error: { code: 'not_permitted' } },
    });
  });

  it.each([
    ['a refusal', () => (server.scripted.refuseWith = NOT_READY), 409, 'not_ready'],
    ['a bug', () => (server.scripted.throwWith = new Error(BODY)), 500, 'internal_error'],
  ] as const)(
    'leaves zeroes after %s, and says nothing of the card',
    async (_what, arrange, status, code) => {
      arrange();
      expect(await pay()).toMatchObject({ status, body: { error: { code } } });
      expect(zero()).toBe(true);
      expect(JSON.stringify(server.logged)).not.toMatch(/4242424242|\b739\b/);
    },
  );

  it('has the mode of its key', async () => {
    server.scripted.pays = {};
    await pay({ key: KEY_A_LIVE });
    const { body } = await server.call('GET', '/v1/sessions', { key: KEY_A_LIVE });
    expect(body.data).toMatchObject([{ livemode: true }]);
  });

  it.each([
    ['no JSON', { 'Content-Type': 'application/x-www-form-urlencoded' }, BODY, 415, 'unsupported_media_type'],
    ['packed', { 'Content-Encoding': 'gzip' }, BODY, 415, 'unsupported_media_type'],
    ['too long', {}, `${BODY}${' '.repeat(64 * 1024)}`, 413, 'body_too_large'],
  ])('takes no body that is %s', async (_what, headers, body, status, code) => {
    expect(await pay({ headers, body })).toMatchObject({ status, body: { error: { code } } });
    expect(server.scripted.calls).toEqual([]);
  });

  it('that breaks off in its body charges nothing', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    const head = `Host: x\r\nAuthorization: Bearer ${KEY_A}\r\nContent-Type: application/json\r\nContent-Length: 500`;
    await new Promise<void>((sent) =>
      socket.write(`POST ${PATH} HTTP/1.1\r\n${head}\r\n\r\n${BODY}`, () => sent()),
    );
    socket.end();
    while (audited.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(audited).toMatchObject([{ outcome: expect.stringMatching(/^no answer|^HTTP 400$/) }]);
    expect((await pay()).status).toBe(200);
    expect(server.scripted.calls).toHaveLength(1);
    expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each([
    ['GET', PATH],
    ['POST', `${PATH}/`],
    ['POST', '/v1/pay_connectors'],
  ])('has nothing at %s %s', async (method, path) => {
    expect((await server.call(method, path)).status).toBeGreaterThanOrEqual(404);
    expect(server.scripted.calls).toEqual([]);
  });
});
