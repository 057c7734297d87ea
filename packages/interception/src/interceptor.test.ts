import { describe, expect, it } from '@jest/globals';
import type { SessionId } from '@sordino/core';
import { CALLS_MAX, FINISHED_KEPT_MAX, NUMBER_COOL_DOWN_MS } from './limits.ts';
import { Calls } from './test-support/calls.ts';
import { anInvite, ScriptedLeg } from './test-support/scripted-sip.ts';
import { settled } from './test-support/settled.ts';

/** Brings a call back: BYE on 5 answered, the customer silent here, BYE on 7. */
async function handBack(calls: Calls, call: Awaited<ReturnType<Calls['engage']>>): Promise<void> {
  calls.interceptor.restore(call.session, 'requested');
  await calls.scheduler.advanceAsync(0);
  call.leg5.end({ by: 'us' });
  call.bridge.fallSilent();
  call.leg7.end();
  await calls.scheduler.advanceAsync(1_000);
}

describe('the books of the interceptor', () => {
  it('give a one-time number to one session at a time, and again when its call is over', async () => {
    const calls = new Calls({ numberPool: ['+441', '+442'] });
    const numberOf = ({ expected }: ReturnType<Calls['expect']>) => expected.ok && expected.value.e164;
    const first = calls.expect('a');
    expect([first, calls.expect('b'), calls.expect('c')].map(numberOf)).toEqual(['+441', '+442', null]);
    calls.interceptor.restore(first.session, 'canceled');
    // It may still be called by an INVITE that comes late.
    expect(numberOf(calls.expect('d'))).toBeNull();
    // b, c and d: nobody came for them.
    await calls.scheduler.advanceAsync(NUMBER_COOL_DOWN_MS);
    expect(calls.interceptor.liveCalls).toBe(0);
    expect(numberOf(calls.expect('e'))).toBe('+441');
  });

  it('let a number rest from the moment in which its INVITE is here, whatever becomes of the call', async () => {
    const calls = new Calls({ numberPool: ['+441'] });
    await calls.invite(calls.expect('a'));
    expect(calls.interceptor.liveCalls).toBe(1);
    const late = new ScriptedLeg('uas');
    calls.interceptor.onInvite(late, anInvite('+441'));
    expect(late.done).toEqual(['reject 404']);
    await calls.scheduler.advanceAsync(NUMBER_COOL_DOWN_MS);
    expect(calls.expect('b').expected).toMatchObject({ ok: true, value: { e164: '+441' } });
    const found = new ScriptedLeg('uas');
    calls.interceptor.onInvite(found, anInvite('%2B441;npdi'));
    expect(found.done).toEqual([]);
  });

  it('refuse a session that would have no number where the platform can dial nothing else', () => {
    const calls = new Calls({ numberPool: ['+441'], numberRequired: true });
    expect(calls.expect('a').expected.ok).toBe(true);
    expect(calls.expect('b').expected).toMatchObject({ problem: { code: 'number_pool_exhausted' } });
    expect(calls.interceptor.liveCalls).toBe(1);
  });

  it('send leg 7 where the session or a header of INVITE 5 wants it, if the host is known', async () => {
    const calls = new Calls({ returnHosts: ['pbx2.example'], returnHeader: 'X-Return' });
    const call = { platform: 'plt_main', call_id: 'a', return_uri: 'sip:s@pbx2.example' };
    const waiting = calls.expect('a', { call });
    await calls.invite(waiting);
    expect(calls.sip.sent[0]?.call.target).toBe('sip:s@pbx2.example');
    const header = (name: string) => (name === 'X-Return' ? ['<sip:h@pbx2.example>'] : []);
    await calls.invite(calls.expect('b', { call: { ...call, call_id: 'b' } }), undefined, { header });
    expect(calls.sip.sent[1]?.call.target).toBe('sip:h@pbx2.example');
  });

  it('refuse an unknown return address before anything moves', async () => {
    const calls = new Calls({ returnHeader: 'X-Return' });
    const call = { platform: 'plt_main', call_id: 'a', return_uri: 'sip:s@elsewhere.example' };
    expect(calls.expect('a', { call }).expected).toMatchObject({
      problem: { code: 'return_address_not_allowed' },
    });
    const waiting = calls.expect('a');
    const header = () => ['sip:h@elsewhere.example'];
    const leg5 = await calls.invite(waiting, undefined, { header });
    expect(leg5.done).toEqual(['reject 403']);
    expect(leg5.headers[0]?.[0]?.[0]).toBe('Reason');
    expect(calls.story(waiting.session)).toEqual([
      'topology engaging',
      'failed return_address_not_allowed',
      'topology original',
    ]);
    expect([calls.sip.sent, calls.relay.bridges]).toEqual([[], []]);
    await settled();
    expect(calls.interceptor.liveCalls).toBe(0);
  });

  it('tell the payment side of a session that need not wait for its call any more', async () => {
    const calls = new Calls();
    const waiting = calls.expect('a');
    calls.interceptor.restore(waiting.session, 'requested');
    calls.interceptor.restore(waiting.session, 'requested');
    expect(calls.story(waiting.session)).toEqual(['canceled released']);
    await calls.scheduler.advanceAsync(8_000);
    expect(calls.story(waiting.session)).toHaveLength(1);
    expect((await calls.invite(waiting)).done).toEqual(['reject 404']);
  });

  it('tell a leg anew when its audio flows in one direction only', async () => {
    const calls = new Calls();
    const { handlers } = await calls.engage('a');
    const before = calls.reported.length;
    handlers.oneWay('clean', 'not_hearing');
    await settled();
    const told = calls.reported.slice(before).flatMap((event) => (event.type === 'leg' ? [event.leg] : []));
    expect(told).toMatchObject([
      { role: 'leg7_out', state: 'confirmed', media: { local: expect.any(String) } },
    ]);
  });

  it('count the diversions of each call of each platform', async () => {
    const calls = new Calls();
    const cycleOf = ({ expected }: ReturnType<Calls['expect']>) => expected.ok && expected.value.cycle;
    const cycles: (number | false)[] = [];
    for (const callId of ['a', 'a', 'b', 'a']) {
      const waiting = calls.expect(callId);
      cycles.push(cycleOf(waiting));
      calls.interceptor.restore(waiting.session, 'canceled');
    }
    expect(cycles).toEqual([1, 2, 1, 3]);
  });

  it('refuse a second session for a call until the first one is over', async () => {
    const calls = new Calls();
    const call = await calls.engage('a');
    expect(calls.expect('a').expected).toEqual({
      ok: false,
      problem: { code: 'session_exists', message: `call a has session ${call.session}` },
    });
    expect(calls.expect('b').expected.ok).toBe(true);
    await handBack(calls, call);
    expect(calls.expect('a').expected).toMatchObject({ ok: true, value: { cycle: 2 } });
  });

  it('make room for the next session in the moment in which `restored` is reported', async () => {
    const calls = new Calls();
    const call = await calls.engage('a');
    // The relay takes its time to close.
    call.bridge.close = () => new Promise(() => {});
    await handBack(calls, call);
    expect(calls.story(call.session).at(-1)).toBe('topology restored');
    expect(calls.expect('a').expected.ok).toBe(true);
  });

  it('name the configured platforms to whoever asks for another', () => {
    const calls = new Calls();
    const call = { platform: 'plt_other', call_id: 'a' };
    expect(calls.expect('a', { call }).expected).toEqual({
      ok: false,
      problem: { code: 'unknown_platform', message: 'no platform plt_other is configured' },
    });
  });

  it(`hold ${CALLS_MAX} calls and refuse the next`, () => {
    const calls = new Calls();
    for (let index = 0; index < CALLS_MAX; index += 1)
      expect(calls.expect(`c-${index}`).expected.ok).toBe(true);
    expect(calls.expect('one too many').expected).toMatchObject({ problem: { code: 'overloaded' } });
    expect(calls.interceptor.liveCalls).toBe(CALLS_MAX);
  });

  it(`keep the legs of the last ${FINISHED_KEPT_MAX} sessions`, async () => {
    const calls = new Calls();
    const sessions: SessionId[] = [];
    for (let index = 0; index <= FINISHED_KEPT_MAX; index += 1) {
      const waiting = calls.expect('a');
      const leg5 = await calls.invite(waiting);
      leg5.end({ how: 'canceled' });
      await settled();
      sessions.push(waiting.session);
    }
    const legsOf = async (session: SessionId | undefined) =>
      session === undefined ? [] : await calls.interceptor.legs(session);
    expect(await legsOf(sessions[0])).toEqual([]);
    expect(await legsOf(sessions[1])).toHaveLength(5);
    expect(await legsOf(sessions.at(-1))).toHaveLength(5);
  });

  it('burn a session that nobody came for, and let no timer touch the one that came', async () => {
    const calls = new Calls();
    const late = calls.expect('a', { timeoutMs: 1_000 });
    const call = await calls.engage('b', { timeoutMs: 1_000 });
    await calls.scheduler.advanceAsync(1_000);
    expect(calls.story(late.session)).toEqual(['expired no_invite']);
    expect(calls.story(call.session)).toEqual(['topology engaging', 'topology engaged', 'ready']);
    expect(calls.interceptor.liveCalls).toBe(1);
  });

  it('refuse everything new while draining, and let running calls go on', async () => {
    const calls = new Calls();
    const waiting = calls.expect('b');
    const call = await calls.engage('a');
    calls.interceptor.drain();
    expect(calls.expect('c').expected).toMatchObject({ problem: { code: 'draining' } });
    const leg5 = await calls.invite(waiting);
    expect(leg5.done).toEqual(['reject 503']);
    expect(leg5.headers[0]).toContainEqual(['Retry-After', '5']);
    await handBack(calls, call);
    expect(calls.story(call.session).at(-1)).toBe('topology restored');
  });

  it('hand every call back when the process goes down, and are closed when all are', async () => {
    const calls = new Calls();
    const call = await calls.engage('a', { mask: { style: 'silence', hold: 'whole_field' } });
    calls.interceptor.setCollecting(call.session, true);
    const ringing = await calls.invite(calls.expect('b'));
    calls.expect('c');
    let closed = false;
    const closing = calls.interceptor.close(12_000).then(() => {
      closed = true;
    });
    await calls.scheduler.advanceAsync(0);
    expect(ringing.done).toEqual(['reject 503']);
    expect(call.leg5.done).toEqual(['accept', 'hangup shutdown']);
    expect(call.bridge.collecting).toEqual([true, false]);
    call.leg5.end({ by: 'us' });
    call.bridge.fallSilent();
    call.leg7.end();
    await calls.scheduler.advanceAsync(400);
    expect(closed).toBe(false);
    await calls.scheduler.advanceAsync(600);
    await closing;
    expect(calls.interceptor.liveCalls).toBe(0);
    expect(calls.story(call.session)).toContain('failed shutdown');
  });

  it('give up waiting for calls that do not come back by the deadline', async () => {
    const calls = new Calls();
    await calls.engage('a');
    const closing = calls.interceptor.close(2_000);
    await calls.scheduler.advanceAsync(2_100);
    await closing;
    expect(calls.interceptor.liveCalls).toBe(1);
  });
});
