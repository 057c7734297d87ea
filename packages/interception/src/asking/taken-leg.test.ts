import { describe, expect, it } from '@jest/globals';
import type { ReferOutcome } from '../ports/sip-calls.ts';
import { Calls } from '../test-support/calls.ts';
import { settled } from '../test-support/settled.ts';

const DIALOG = { call_id: 'd4', local_tag: 'platform', remote_tag: 'customer' };
const REFER = { form: 'replaces', targetUri: 'sip:edge@127.0.0.1:5071', notifyTimeoutMs: 5_000 } as const;
const D7 = { callId: 'd7', localTag: 'sordino', remoteTag: 'agent-side' };

/** A session whose leg 7 is out. */
async function taking() {
  const calls = new Calls({ refer: REFER });
  const waiting = calls.expect('e-91', {
    start: 'refer',
    call: { platform: 'plt_main', call_id: 'e-91', dialog: DIALOG },
  });
  await calls.scheduler.advanceAsync(0);
  await settled();
  return { calls, waiting, session: waiting.session };
}

/** Its INVITE with Replaces is out: leg 7 is up. */
async function replacing() {
  const stage = await taking();
  const { leg7 } = stage.calls.sip;
  leg7.dialog = D7;
  leg7.state = 'confirmed';
  leg7.handlers.answered?.('their answer');
  const { call, leg: leg5 } = stage.calls.sip.sent[1] ?? {};
  if (call === undefined || leg5 === undefined) throw new Error('no INVITE with Replaces is out');
  return { ...stage, leg7, leg5, call };
}

/** The customer's side is with us. */
async function taken() {
  const stage = await replacing();
  const { calls, leg5 } = stage;
  leg5.state = 'confirmed';
  leg5.handlers.answered?.('their answer');
  const { bridge, handlers } = calls.path;
  bridge.talk();
  handlers.mediaStarted('customer', calls.scheduler.wallMs());
  handlers.cleanAudioFlowing(calls.scheduler.wallMs());
  await settled();
  return { ...stage, bridge };
}

/** We want to give it back, and the first REFER is out. */
async function givingBack() {
  const stage = await taken();
  stage.calls.interceptor.restore(stage.session, 'requested');
  await stage.calls.scheduler.advanceAsync(0);
  const [first] = stage.leg5.refers;
  if (first === undefined) throw new Error('no REFER is out');
  return { ...stage, first };
}

describe('a call that we take', () => {
  it('begins with leg 7, whatever the profile says of the order, and moves nobody until that is up', async () => {
    const { calls } = await taking();
    expect(calls.sip.sent.map(({ call }) => call.replaces)).toEqual([undefined]);
    expect(calls.sip.refers).toEqual([]);
  });

  it('takes the place of the platform in its dialog with the customer, as the other end sees it', async () => {
    const { call } = await replacing();
    expect(call).toMatchObject({
      target: 'sip:edge@127.0.0.1:5071',
      offer: 'our offer',
      replaces: { callId: 'd4', localTag: 'customer', remoteTag: 'platform' },
      platform: 'plt_main',
    });
  });

  it('writes on its leg how the customer goes back, for whoever must do that in our place', async () => {
    const { leg5, leg7, session } = await replacing();
    expect(leg5.handlers.label).toEqual({
      call: session,
      role: 'leg5_in',
      giveBackTo: 'sip:e-91@127.0.0.1:5070',
    });
    expect(leg7.handlers.label).toEqual({ call: session, role: 'leg7_out' });
  });

  it('opens nothing to a platform that INVITEs with the token all the same', async () => {
    const { calls, waiting } = await taking();
    expect((await calls.invite(waiting)).done).toEqual(['reject 404']);
  });

  it('is ready when the customer is here', async () => {
    const { calls, session } = await taken();
    expect(calls.story(session)).toEqual(['topology engaging', 'topology engaged', 'ready']);
  });

  it.each([
    ['rejected', 481],
    ['rejected', 603],
    ['no_answer', undefined],
  ] as const)('is where it was when the INVITE ends with %s %s', async (how, status) => {
    const { calls, session, leg5, leg7 } = await replacing();
    leg5.end({ how, status });
    await settled();
    expect(calls.story(session)).toEqual([
      'topology engaging',
      'failed replaces_refused',
      'topology original',
    ]);
    expect(leg7.done).toEqual(['hangup replaces_refused']);
    expect(calls.interceptor.liveCalls).toBe(0);
  });

  it('is where it was when leg 7 is refused: nobody was asked to move', async () => {
    const { calls, session } = await taking();
    calls.sip.leg7.end({ how: 'rejected', status: 486 });
    await settled();
    expect(calls.story(session)).toEqual(['topology engaging', 'failed leg7_refused', 'topology original']);
    expect(calls.sip.sent).toHaveLength(1);
  });

  it('is not canceled while it moves: it goes back from here', async () => {
    const { calls, session, leg5 } = await replacing();
    calls.interceptor.restore(session, 'canceled');
    expect(leg5.done).toEqual([]);
    leg5.state = 'confirmed';
    leg5.handlers.answered?.('their answer');
    await calls.scheduler.advanceAsync(0);
    expect(leg5.done).toEqual(['refer']);
    expect(calls.story(session)).toEqual(['topology engaging', 'topology restoring']);
  });

  it('is canceled where it was to go back and was refused anyhow', async () => {
    const { calls, session, leg5 } = await replacing();
    calls.interceptor.restore(session, 'canceled');
    leg5.end({ how: 'rejected', status: 603 });
    expect(calls.story(session)).toEqual(['topology engaging', 'canceled released', 'topology original']);
  });

  it('has customer and agent joined again by REFER with Replaces for leg 7, as the platform sees it', async () => {
    const { first, leg5 } = await givingBack();
    expect(first.request).toEqual({
      referTo: 'sip:e-91@127.0.0.1:5070',
      replaces: { callId: 'd7', localTag: 'agent-side', remoteTag: 'sordino' },
      notifyTimeoutMs: 5_000,
    });
    expect(leg5.done).toEqual(['refer']);
  });

  it('says BYE when the final NOTIFY is here, and not before', async () => {
    const { calls, session, leg5, leg7, first, bridge } = await givingBack();
    leg7.end();
    bridge.fallSilent();
    await calls.scheduler.advanceAsync(2_000);
    expect(calls.story(session).at(-1)).toBe('topology restored');
    expect(leg5.done).toEqual(['refer']);
    first.end('succeeded', 200);
    expect(leg5.done).toEqual(['refer', 'hangup requested']);
  });

  it('says BYE when nothing was told and leg 7 is gone', async () => {
    const { leg5, leg7, first } = await givingBack();
    leg7.end();
    first.end('no_notify');
    expect(leg5.done).toEqual(['refer', 'hangup requested']);
  });

  it.each<ReferOutcome['how']>(['refused', 'failed', 'no_answer', 'no_notify', 'terminated', 'lost'])(
    'asks once more after %s, and then keeps the two talking',
    async (how) => {
      const { calls, session, leg5, first } = await givingBack();
      first.end(how, 603);
      expect(leg5.done).toEqual(['refer', 'refer']);
      leg5.refers[1]?.end(how, 603);
      expect(leg5.done).toEqual(['refer', 'refer']);
      expect(calls.story(session).slice(-2)).toEqual(['topology restoring', 'topology degraded']);
      // For as long as they like.
      await calls.scheduler.advanceAsync(60_000);
      expect(leg5.done).toEqual(['refer', 'refer']);
      leg5.end();
      expect(calls.story(session).at(-1)).toBe('topology lost');
    },
  );

  it('waits for the BYE on leg 7 where no NOTIFY will come', async () => {
    const { calls, leg5, leg7, first, bridge } = await givingBack();
    first.end('unsubscribed', 202);
    expect(leg5.done).toEqual(['refer']);
    leg7.end();
    bridge.fallSilent();
    await calls.scheduler.advanceAsync(2_000);
    expect(leg5.done).toEqual(['refer', 'hangup requested']);
  });

  it('is let go when there is no agent any more', async () => {
    const { calls, session, leg5, leg7 } = await taken();
    leg7.end();
    await calls.scheduler.advanceAsync(0);
    expect(leg5.done).toEqual(['hangup agent_left']);
    expect(calls.story(session)).toContain('canceled agent_left');
  });
});
