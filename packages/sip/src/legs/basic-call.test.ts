import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bracketed } from '../core/edge.ts';
import { SDP } from '../core/test-support/messages.ts';
import { hurrySipJs } from '../core/test-support/quick-time.ts';
import { Notes, Scene, untilIdle } from '../core/test-support/scene.ts';

const scene = new Scene();
afterEach(() => scene.close());
beforeAll(() => hurrySipJs());

describe.each([
  ['udp', '127.0.0.1'],
  ['tcp', '127.0.0.1'],
  ['tls', '127.0.0.1'],
  ['udp', '::1'],
  ['tcp', '::1'],
  ['tls', '::1'],
] as const)('a call over %s and %s', (protocol, host) => {
  const target = (port: number): string => `sip:tok_1@${bracketed(host)}:${port};transport=${protocol}`;

  it('rings, is answered, and is ended by the caller; nothing is left of it', async () => {
    const [alice, bob] = [await scene.party(protocol, {}, host), await scene.party(protocol, {}, host)];
    const caller = new Notes();
    const leg = alice.sip.invite(
      {
        target: target(bob.port),
        offer: SDP('alice'),
        answerTimeoutMs: 170_000,
        headers: [['X-Token', 'a b']],
      },
      caller.handlers,
    );
    expect(leg.state).toBe('dialing');

    const call = await bob.nextCall();
    expect(call.leg.state).toBe('offered');
    expect(call.invite).toMatchObject({
      requestUser: 'tok_1',
      callId: leg.callId,
      sdp: SDP('alice'),
      source: { transport: protocol, host },
    });
    expect(call.invite.header('x-token')).toEqual(['a b']);
    expect(call.invite.header('i')).toEqual([leg.callId]);
    expect(call.invite.header('X-Absent')).toEqual([]);

    call.leg.ring(180);
    expect(await caller.next('progress')).toMatchObject({ status: 180, sdp: undefined });
    expect([leg.state, call.leg.state]).toEqual(['early', 'early']);

    call.leg.accept(SDP('bob'), [['X-Answer', '1']]);
    expect(call.leg.state).toBe('accepted');
    expect(await caller.next('answered')).toMatchObject({ sdp: SDP('bob') });
    expect(await call.notes.next('acknowledged')).toMatchObject({ sdp: undefined });
    expect([leg.state, call.leg.state]).toEqual(['confirmed', 'confirmed']);
    expect(leg.dialog).toEqual({
      callId: call.leg.dialog?.callId,
      localTag: call.leg.dialog?.remoteTag,
      remoteTag: call.leg.dialog?.localTag,
    });

    leg.hangup({ protocol: 'Q.850', cause: 16, text: 'done' });
    leg.hangup();
    expect(leg.state).toBe('ending');
    expect((await caller.next('ended')).end).toMatchObject({
      by: 'us',
      how: 'bye',
      status: 200,
      reason: 'done',
    });
    expect((await call.notes.next('ended')).end).toEqual({
      by: 'peer',
      how: 'bye',
      status: undefined,
      reason: 'Q.850;cause=16;text="done"',
    });
    expect([leg.state, call.leg.state]).toEqual(['ended', 'ended']);
    // Over UDP a late 180 makes the caller repeat its INVITE, and that the callee its 180 (RFC 3261 §17.2.1).
    expect([...new Set(caller.types)]).toEqual(['progress', 'answered', 'ended']);
    expect(call.notes.types).toEqual(['acknowledged', 'ended']);
    await Promise.all([untilIdle(alice), untilIdle(bob)]);
  });

  it('is ended by the callee', async () => {
    const [alice, bob] = [await scene.party(protocol, {}, host), await scene.party(protocol, {}, host)];
    const caller = new Notes();
    alice.sip.invite(
      { target: target(bob.port), offer: SDP('alice'), answerTimeoutMs: 170_000 },
      caller.handlers,
    );
    const call = await bob.nextCall();
    call.leg.accept(SDP('bob'));
    await call.notes.next('acknowledged');
    call.leg.hangup();
    expect((await caller.next('ended')).end).toMatchObject({ by: 'peer', how: 'bye' });
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', how: 'bye', status: 200 });
  });

  it('with a delayed offer: the offer comes in the 200, the answer in the ACK', async () => {
    const [alice, bob] = [await scene.party(protocol, {}, host), await scene.party(protocol, {}, host)];
    const caller = new Notes();
    const leg = alice.sip.invite(
      { target: target(bob.port), offer: undefined, answerTimeoutMs: 170_000 },
      caller.handlers,
    );
    const call = await bob.nextCall();
    expect(call.invite.sdp).toBeUndefined();
    call.leg.accept(SDP('bob'));
    expect(await caller.next('answered')).toMatchObject({ sdp: SDP('bob') });
    expect(leg.state).toBe('accepted');
    leg.acknowledge(SDP('alice'));
    expect(leg.state).toBe('confirmed');
    leg.acknowledge(SDP('twice'));
    expect(await call.notes.next('acknowledged')).toMatchObject({ sdp: SDP('alice') });
  });

  it('is refused with a status, a reason and headers', async () => {
    const [alice, bob] = [await scene.party(protocol, {}, host), await scene.party(protocol, {}, host)];
    const caller = new Notes();
    alice.sip.invite(
      { target: target(bob.port), offer: SDP('alice'), answerTimeoutMs: 170_000 },
      caller.handlers,
    );
    const call = await bob.nextCall();
    call.leg.reject(404, [['Reason', 'SIP;cause=404;text="unknown rendezvous"']]);
    call.leg.accept(SDP('too late'));
    expect((await caller.next('ended')).end).toEqual({
      by: 'peer',
      how: 'rejected',
      status: 404,
      reason: 'SIP;cause=404;text="unknown rendezvous"',
    });
    expect((await call.notes.next('ended')).end).toMatchObject({ by: 'us', how: 'rejected', status: 404 });
    await Promise.all([untilIdle(alice), untilIdle(bob)]);
  });

  it('is cancelled while it rings: 200 for the CANCEL, 487 for the INVITE', async () => {
    const [alice, bob] = [await scene.party(protocol, {}, host), await scene.party(protocol, {}, host)];
    const caller = new Notes();
    const leg = alice.sip.invite(
      { target: target(bob.port), offer: SDP('alice'), answerTimeoutMs: 170_000 },
      caller.handlers,
    );
    const call = await bob.nextCall();
    call.leg.ring(180);
    await caller.next('progress');
    leg.hangup({ protocol: 'SIP', cause: 200, text: 'elsewhere' });
    expect(leg.state).toBe('ending');
    expect((await call.notes.next('ended')).end).toEqual({
      by: 'peer',
      how: 'canceled',
      status: 487,
      reason: 'SIP;cause=200;text="elsewhere"',
    });
    call.leg.accept(SDP('too late'));
    expect((await caller.next('ended')).end).toMatchObject({ by: 'us', how: 'canceled', status: 487 });
    expect(call.notes.types).toEqual(['ended']);
    await Promise.all([untilIdle(alice), untilIdle(bob)]);
  });
});

describe('a call that cannot be made', () => {
  it.each([
    ['not a URI', { target: 'nonsense' }],
    ['another scheme', { target: 'tel:+4420' }],
    ['a header injected by the target', { target: 'sip:a@127.0.0.1\r\nX-Evil: 1' }],
    ['a transport that is not listened on', { target: 'sip:a@127.0.0.1:9;transport=tcp' }],
    [
      'a header that breaks out of its line',
      { target: 'sip:a@127.0.0.1:9', headers: [['X-A', 'b\r\nX-Evil: 1']] as const },
    ],
    ['a header of the stack', { target: 'sip:a@127.0.0.1:9', headers: [['Via', 'x']] as const }],
    ['a bad From', { target: 'sip:a@127.0.0.1:9', from: 'sip:' }],
    ['half a surrogate pair', { target: 'sip:a@127.0.0.1:9', offer: 'v=0\ud800' }],
  ])('%s: ended with transport/lost on a later turn', async (_, call) => {
    const alice = await scene.party();
    const notes = new Notes();
    const leg = alice.sip.invite({ offer: SDP('a'), answerTimeoutMs: 1000, ...call }, notes.handlers);
    expect(notes.all).toEqual([]);
    expect((await notes.next('ended')).end).toMatchObject({ by: 'transport', how: 'lost' });
    expect(leg.state).toBe('ended');
    expect(alice.trace).toEqual([]);
    await untilIdle(alice);
  });

  it('nobody listens on the TCP port: transport/lost', async () => {
    const alice = await scene.party('tcp');
    const closed = await scene.rawTcp();
    await closed.close();
    const notes = new Notes();
    alice.sip.invite(
      { target: `sip:a@127.0.0.1:${closed.port};transport=tcp`, offer: SDP('a'), answerTimeoutMs: 60_000 },
      notes.handlers,
    );
    expect((await notes.next('ended')).end).toMatchObject({ by: 'transport', how: 'lost' });
    await untilIdle(alice);
  });
});
