import { afterEach, describe, expect, it } from '@jest/globals';
import { FAULT_KINDS, FAULT_NAMES, type SessionId } from '@sordino/core';
import type { FaultDesk } from '../test-faults/fault-desk.ts';
import { A_CREATE, KEY_A, KEY_A_LIVE, KEY_B, PaymentsServer } from '../testing/payments-server.ts';

const PATH = '/v1/test/faults';
const servers: PaymentsServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

/** A desk that says `answer`, and a session of `key`. */
async function aServer(answer: ReturnType<FaultDesk['arm']> = 'armed', key = KEY_A) {
  const asked: string[] = [];
  const faults: FaultDesk = {
    arm: (session, fault) => {
      asked.push(`${session} ${fault}`);
      return answer;
    },
    stateOf: () => 'fired',
    expected: (_session, fault) => FAULT_KINDS[fault].expected,
  };
  const server = await PaymentsServer.start({ faults });
  servers.push(server);
  const created = await server.call('POST', '/v1/sessions', { key, body: A_CREATE });
  return { server, asked, session: created.body.id as SessionId };
}

describe('POST /v1/test/faults', () => {
  it('arms a fault and says what will happen', async () => {
    const { server, asked, session } = await aServer();
    const body = { session, fault: 'leg7_refused' };
    const reply = await server.call('POST', PATH, { body });
    expect([reply.status, asked]).toEqual([201, [`${session} leg7_refused`]]);
    expect(reply.body).toEqual({
      id: expect.stringMatching(/^flt_/),
      object: 'test_fault',
      livemode: false,
      created: expect.any(Number),
      session,
      fault: 'leg7_refused',
      description: FAULT_KINDS.leg7_refused.description,
      expected: { topology: 'original', status: 'failed', code: 'leg7_refused', call_safe: true },
      state: 'fired',
    });
    const listed = await server.call('GET', `${PATH}?session=${session}`);
    expect(listed.body).toEqual({ object: 'list', data: [reply.body], has_more: false });
  });

  it.each([
    ['unknown', 'fault_no_call'],
    ['too_late', 'fault_too_late'],
    ['not_possible', 'fault_not_possible'],
    ['not_guarded', 'fault_not_guarded'],
    ['live_calls', 'fault_live_calls'],
  ] as const)('says 409 where the call side answers %s', async (answer, code) => {
    const { server, session } = await aServer(answer);
    const reply = await server.call('POST', PATH, { body: { session, fault: 'ack_lost' } });
    expect([reply.status, reply.body.error.code, reply.body.error.param]).toEqual([409, code, 'fault']);
    expect((await server.call('GET', `${PATH}?session=${session}`)).body.data).toEqual([]);
  });

  it('names the faults there are to whoever asks for another', async () => {
    const { server, asked, session } = await aServer();
    const reply = await server.call('POST', PATH, { body: { session, fault: 'earthquake' } });
    expect([reply.status, reply.body.error.param, asked]).toEqual([400, 'fault', []]);
    for (const fault of FAULT_NAMES) expect(reply.body.error.message).toContain(fault);
  });

  it.each([
    ['another tenant', KEY_B, 404, 'no_such_session'],
    ['a live key, whatever the session', KEY_A_LIVE, 403, 'not_permitted'],
    ['nobody', null, 401, 'invalid_credential'],
  ] as const)('lets %s do nothing', async (_who, key, status, code) => {
    const { server, asked, session } = await aServer();
    const body = { session, fault: 'agent_left' };
    for (const reply of [
      await server.call('POST', PATH, { key, body }),
      await server.call('GET', `${PATH}?session=${session}`, { key }),
    ]) {
      expect([reply.status, reply.body.error.code, asked]).toEqual([status, code, []]);
    }
  });

  it('knows no live session, even of the same tenant', async () => {
    const { server, asked, session } = await aServer('armed', KEY_A_LIVE);
    const reply = await server.call('POST', PATH, { body: { session, fault: 'agent_left' } });
    expect([reply.status, reply.body.error.code, asked]).toEqual([404, 'no_such_session', []]);
  });

  it('is for servers: a page with its session secret is refused', async () => {
    const { server, asked } = await aServer();
    const created = await server.call('POST', '/v1/sessions', { body: A_CREATE });
    const { id: session, client_secret: key } = created.body;
    const reply = await server.call('POST', PATH, { key, body: { session, fault: 'agent_left' } });
    expect([reply.status, reply.body.error.code, asked]).toEqual([403, 'not_permitted', []]);
  });

  it.each([
    {},
    { session: 'ses_1' },
    { session: 'no id', fault: 'held' },
    { session: 'ses_1', fault: 'held', more: 1 },
  ])('refuses %j', async (body) => {
    const { server, asked } = await aServer();
    const reply = await server.call('POST', PATH, { body });
    expect([reply.status, reply.body.error.type, asked]).toEqual([400, 'invalid_request_error', []]);
  });

  it('can be switched off', async () => {
    const server = await PaymentsServer.start({ faults: undefined });
    servers.push(server);
    const { body } = await server.call('POST', '/v1/sessions', { body: A_CREATE });
    const reply = await server.call('POST', PATH, { body: { session: body.id, fault: 'held' } });
    expect([reply.status, reply.body.error.code]).toEqual([403, 'test_faults_off']);
  });
});

describe('GET /v1/test/faults', () => {
  it('lists what can be rehearsed, in words', async () => {
    const { server } = await aServer();
    const { body } = await server.call('GET', PATH);
    expect(body.data.map(({ fault }: { fault: string }) => fault)).toEqual(FAULT_NAMES);
    expect(body.data[0]).toEqual({ object: 'test_fault_kind', fault: 'no_invite', ...FAULT_KINDS.no_invite });
  });
});
