import { describe, expect, it } from '@jest/globals';
import { FIRST_MEDIA_TIMEOUT_MS, QUIET_POLL_MS, STALLED_MEDIA_TIMEOUT_MS } from './limits.ts';
import { Calls } from './test-support/calls.ts';
import type { ScriptedLeg } from './test-support/scripted-sip.ts';
import { settled } from './test-support/settled.ts';

describe('the way in, where it is hard to reach over sockets', () => {
  it('CANCEL while the relay still opens: its bridge is closed, leg 7 never begins', async () => {
    const calls = new Calls();
    let open = (): void => {};
    calls.relay.gate = new Promise((resolve) => {
      open = resolve;
    });
    const waiting = calls.expect('a');
    const leg5 = await calls.invite(waiting);
    leg5.end({ how: 'canceled', status: 487 });
    await settled();
    expect(calls.story(waiting.session)).toEqual([
      'topology engaging',
      'canceled leg5_canceled',
      'topology original',
    ]);
    expect(calls.interceptor.liveCalls).toBe(0);
    open();
    await settled();
    expect(calls.path.bridge.closed).toBe(1);
    expect(calls.sip.sent).toEqual([]);
    expect(calls.scheduler.pending).toBe(0);
    await calls.scheduler.advanceAsync(8_000);
    expect(calls.story(waiting.session)).toHaveLength(3);
  });

  it('a relay that fails in a way nobody thought of: leg 5 gets an answer all the same', async () => {
    const calls = new Calls();
    calls.relay.fault = new Error('a bug');
    const waiting = calls.expect('a');
    const leg5 = await calls.invite(waiting);
    expect(leg5.done).toEqual(['reject 480']);
    expect(calls.interceptor.liveCalls).toBe(0);
  });

  it.each([
    ['no_ports', 503, 'overloaded'],
    ['overloaded', 503, 'overloaded'],
    ['draining', 503, 'draining'],
    ['worker_failed', 503, 'overloaded'],
  ] as const)('a relay that refuses with %s: %d', async (refusal, status, code) => {
    const calls = new Calls();
    calls.relay.refusal = refusal;
    const waiting = calls.expect('a');
    const leg5 = await calls.invite(waiting);
    expect(leg5.done).toEqual([`reject ${status}`]);
    expect(leg5.headers[0]).toContainEqual(['Retry-After', '5']);
    expect(calls.story(waiting.session)).toContain(`failed ${code}`);
    expect(calls.interceptor.liveCalls).toBe(0);
  });

  it('the agent cancels while leg 7 rings: 480 on leg 5, CANCEL on leg 7, and nobody has failed', async () => {
    const calls = new Calls();
    const waiting = calls.expect('a');
    const leg5 = await calls.invite(waiting);
    calls.interceptor.restore(waiting.session, 'canceled');
    expect(leg5.done).toEqual(['reject 480']);
    expect(calls.sip.leg7.done).toEqual(['hangup released']);
    expect(calls.story(waiting.session)).toEqual([
      'topology engaging',
      'canceled released',
      'topology original',
    ]);
  });

  it('a worker that is lost before the commit point is a refused INVITE', async () => {
    const calls = new Calls();
    const waiting = calls.expect('a');
    const leg5 = await calls.invite(waiting);
    calls.path.handlers.workerLost();
    expect(leg5.done).toEqual(['reject 503']);
    expect(calls.story(waiting.session)).toEqual([
      'topology engaging',
      'failed overloaded',
      'topology original',
    ]);
  });

  it('leg 7 answered without a description: 503 on leg 5, BYE on leg 7', async () => {
    const calls = new Calls();
    const leg5 = await calls.invite(calls.expect('a'));
    calls.sip.leg7.handlers.answered?.(undefined);
    expect(leg5.done).toEqual(['reject 503']);
    expect(calls.sip.leg7.done).toEqual(['hangup leg7_refused']);
  });

  it('is ready only when customer media, clean audio and the ACK are all here, in whatever order', async () => {
    const steps = {
      ack: (_calls: Calls, leg5: ScriptedLeg) => leg5.handlers.acknowledged?.('their answer'),
      media: (calls: Calls) => calls.path.handlers.mediaStarted('customer', calls.scheduler.wallMs()),
      clean: (calls: Calls) => calls.path.handlers.cleanAudioFlowing(calls.scheduler.wallMs()),
    };
    const orders = [
      ['ack', 'media', 'clean'],
      ['media', 'ack', 'clean'],
      ['media', 'clean', 'ack'],
    ] as const;
    for (const order of orders) {
      const calls = new Calls();
      const waiting = calls.expect('a');
      const leg5 = await calls.invite(waiting);
      calls.sip.leg7.handlers.answered?.('their answer');
      for (const [index, step] of order.entries()) {
        expect(calls.story(waiting.session)).not.toContain('ready');
        steps[step](calls, leg5);
        expect(calls.story(waiting.session).includes('ready')).toBe(index === 2);
      }
    }
  });
});

describe('the way out, where it is hard to reach over sockets', () => {
  it('no media, and then nothing moves: BYE on leg 5, later on leg 7', async () => {
    const calls = new Calls();
    const waiting = calls.expect('a');
    const leg5 = await calls.invite(waiting);
    const { leg7 } = calls.sip;
    leg7.handlers.answered?.('their answer');
    leg5.handlers.acknowledged?.('their answer');
    await calls.scheduler.advanceAsync(FIRST_MEDIA_TIMEOUT_MS);
    expect(calls.story(waiting.session)).toContain('failed no_media');
    expect(leg5.done).toEqual(['accept', 'hangup no_media']);
    await calls.scheduler.advanceAsync(5_000 + QUIET_POLL_MS);
    expect(leg7.done[0]).toBe('hangup the customer is back');
    leg7.end({ by: 'us' });
    await calls.scheduler.advanceAsync(QUIET_POLL_MS);
    expect(calls.story(waiting.session).at(-1)).toBe('topology restored');
    expect(calls.interceptor.liveCalls).toBe(0);
    expect(calls.path.bridge.closed).toBe(1);
  });

  it('a stall that is reported again and again fails the session once', async () => {
    const calls = new Calls();
    const call = await calls.engage('a');
    for (const silentMs of [2_000, 3_000, 4_000]) call.handlers.mediaStalled('customer', silentMs);
    expect(calls.story(call.session).at(-1)).toBe('ready');
    for (const silentMs of [STALLED_MEDIA_TIMEOUT_MS, 6_000, 7_000])
      call.handlers.mediaStalled('customer', silentMs);
    expect(calls.story(call.session).filter((line) => line.startsWith('failed'))).toEqual([
      'failed no_media',
    ]);
  });

  it('silence of the agent is no reason to end anything', async () => {
    const calls = new Calls();
    const call = await calls.engage('a');
    call.handlers.mediaStalled('clean', 60_000);
    expect(calls.story(call.session).at(-1)).toBe('ready');
  });

  it.each(['leg5', 'leg7'] as const)(
    '%s is lost, by its transport or for want of a refresh: degraded, then handed back as far as we can',
    async (which) => {
      const calls = new Calls();
      const call = await calls.engage('a');
      const reason = 'session refresh: 481';
      call[which].end({ by: 'peer', how: 'lost', status: 481, reason });
      await calls.scheduler.advanceAsync(0);
      expect(calls.story(call.session)).toEqual([
        'topology engaging',
        'topology engaged',
        'ready',
        'topology degraded',
        `failed ${which}_lost`,
        'topology restoring',
      ]);
      const role = which === 'leg5' ? 'leg5_in' : 'leg7_out';
      const told = calls.reported.filter((event) => event.type === 'leg' && event.leg.role === role);
      expect(told).toContainEqual(
        expect.objectContaining({ leg: expect.objectContaining({ state: 'failed', reason }) }),
      );
    },
  );
});

describe('leg 7 fails after leg 5 was answered, and the BYE of the platform overtakes ours', () => {
  it.each([
    ['refused', { by: 'peer', how: 'rejected', status: 486 }, 'leg7_refused'],
    ['no answer', { by: 'timeout', how: 'no_answer' }, 'leg7_no_answer'],
  ] as const)('%s: the platform has the customer back, nobody hung up', async (_, end, code) => {
    const calls = new Calls({ commit: 'at_once' });
    const waiting = calls.expect('a');
    const leg5 = await calls.invite(waiting);
    leg5.handlers.acknowledged?.('their answer');
    const { bridge, handlers } = calls.path;
    bridge.talk();
    handlers.mediaStarted('customer', calls.scheduler.wallMs());
    // Our BYE is held back until 1.5 s after it.
    bridge.press();
    calls.sip.leg7.end(end);
    await calls.scheduler.advanceAsync(QUIET_POLL_MS);
    expect(leg5.done).toEqual(['accept']);
    leg5.end();
    bridge.fallSilent();
    await calls.scheduler.advanceAsync(1_000);
    expect(calls.story(waiting.session)).toEqual([
      'topology engaging',
      `failed ${code}`,
      'topology restoring',
      'topology restored',
    ]);
    expect(calls.interceptor.liveCalls).toBe(0);
  });
});

describe('a platform that swaps the customer in later (a-3)', () => {
  const a3 = { leg5Media: 'customer_after_reinvite' } as const;

  /** INVITE 5 with the platform's own address; legs 5 and 7 are up, and the platform's own media comes. */
  async function committed(calls: Calls) {
    const waiting = calls.expect('a');
    const leg5 = await calls.invite(waiting, 'port 30100');
    calls.sip.leg7.handlers.answered?.('their answer');
    leg5.handlers.acknowledged?.(undefined);
    const { handlers } = calls.path;
    handlers.mediaStarted('customer', calls.scheduler.wallMs());
    handlers.cleanAudioFlowing(calls.scheduler.wallMs());
    const reoffer = (sdp: string) => {
      const answered: string[] = [];
      leg5.handlers.reoffered?.({
        method: 'INVITE',
        sdp,
        accept: () => answered.push('200'),
        reject: (status) => answered.push(`${status}`),
      });
      return answered;
    };
    return { session: waiting.session, leg5, handlers, reoffer };
  }

  it('is engaged and ready when the customer is there, not when the platform is', async () => {
    const calls = new Calls(a3);
    const { session, handlers, reoffer } = await committed(calls);
    expect(reoffer('port 30100')).toEqual(['200']);
    expect(calls.story(session)).toEqual(['topology engaging']);
    expect(reoffer('port 30200')).toEqual(['200']);
    expect(calls.story(session)).toEqual(['topology engaging']);
    handlers.mediaStarted('customer', calls.scheduler.wallMs());
    expect(calls.story(session)).toEqual(['topology engaging', 'topology engaged', 'ready']);
    await calls.scheduler.advanceAsync(2 * FIRST_MEDIA_TIMEOUT_MS);
    expect(calls.story(session)).toHaveLength(3);
  });

  it('gets its call back when the customer is never swapped in', async () => {
    const calls = new Calls(a3);
    const { session, leg5 } = await committed(calls);
    await calls.scheduler.advanceAsync(FIRST_MEDIA_TIMEOUT_MS - 1);
    expect(leg5.done).toEqual(['accept']);
    await calls.scheduler.advanceAsync(1);
    expect(leg5.done).toEqual(['accept', 'hangup no_media']);
    expect(calls.story(session)).toEqual(['topology engaging', 'failed no_media', 'topology restoring']);
  });
});
