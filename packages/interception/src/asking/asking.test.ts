import { describe, expect, it } from '@jest/globals';
import type { ReferOutcome } from '../ports/sip-calls.ts';
import { Calls } from '../test-support/calls.ts';

const DIALOG = { call_id: 'd4', local_tag: 'platform', remote_tag: 'customer' };
const REFER = { form: 'target_dialog', targetUri: undefined, notifyTimeoutMs: 5_000 } as const;

/** A session whose REFER is out. */
async function asked(calls = new Calls({ refer: REFER })) {
  const waiting = calls.expect('e-91', {
    start: 'refer',
    call: { platform: 'plt_main', call_id: 'e-91', dialog: DIALOG },
  });
  await calls.scheduler.advanceAsync(0);
  const refer = calls.sip.refers.at(-1);
  if (refer === undefined) throw new Error('no REFER was sent');
  return { calls, waiting, refer, session: waiting.session };
}

const leg5Of = async ({ calls, session }: Awaited<ReturnType<typeof asked>>) =>
  (await calls.interceptor.legs(session)).find(({ role }) => role === 'leg5_in');

describe('a session that Sordino asks for', () => {
  it('sends REFER to the platform, with the rendezvous and the dialog of the call', async () => {
    const { waiting, refer } = await asked();
    expect(refer.request).toMatchObject({
      target: 'sip:e-91@127.0.0.1:5070',
      referTo: waiting.expected.ok && waiting.expected.value.sip_uri,
      targetDialog: { callId: 'd4', localTag: 'platform', remoteTag: 'customer' },
      notifyTimeoutMs: 5_000,
      platform: 'plt_main',
    });
  });

  it('sends it to an address of its own where the profile has one', async () => {
    const targetUri = 'sip:refer-{call_id}@127.0.0.1:5071';
    const { refer } = await asked(new Calls({ refer: { ...REFER, targetUri } }));
    expect(refer.request.target).toBe('sip:refer-e-91@127.0.0.1:5071');
  });

  it('waits for the INVITE of the platform, and shows on leg 5 what the platform tells of it', async () => {
    const stage = await asked();
    stage.refer.handlers.accepted?.(202);
    stage.refer.handlers.progress?.(180, 'Ringing');
    expect(await leg5Of(stage)).toMatchObject({
      state: 'early',
      reason: '180 Ringing',
      sip: { call_id: 'refer-1', status: 180 },
    });
    const leg5 = await stage.calls.invite(stage.waiting);
    expect(await leg5Of(stage)).toMatchObject({ sip: { call_id: leg5.callId, status: null } });
    stage.calls.sip.leg7.handlers.answered?.('their answer');
    expect(leg5.done).toEqual(['accept']);
  });

  it.each<[ReferOutcome['how'], number | undefined, string]>([
    ['refused', 420, 'refer_refused'],
    ['refused', 603, 'refer_refused'],
    ['no_answer', undefined, 'refer_no_answer'],
    ['no_notify', undefined, 'refer_no_notify'],
    ['failed', 503, 'refer_failed'],
    ['terminated', undefined, 'refer_failed'],
    ['lost', undefined, 'refer_not_sent'],
  ])(
    '%s %s: the session has failed, the call is untouched, the token opens nothing',
    async (how, status, code) => {
      const stage = await asked();
      const { calls, refer, session, waiting } = stage;
      refer.end(how, status, 'No');
      const sip = status === undefined ? null : { status, reason: 'No' };
      expect(calls.reported.filter(({ type }) => type === 'call_failed')).toEqual([
        { type: 'call_failed', session, outcome: 'failed', code, callSafe: true, leg: 'leg5_in', sip },
      ]);
      expect(await leg5Of(stage)).toMatchObject({ state: 'failed', reason: code });
      expect((await calls.invite(waiting)).done).toEqual(['reject 404']);
      expect(calls.interceptor.liveCalls).toBe(0);
      // And no timer of the session says a second thing.
      await calls.scheduler.advanceAsync(60_000);
      expect(calls.story(session)).toEqual([`failed ${code}`]);
    },
  );

  it.each(['succeeded', 'unsubscribed'] as const)(
    '%s: goes on waiting, as long as any other session',
    async (how) => {
      const { calls, refer, session } = await asked();
      refer.end(how, 200);
      expect(calls.story(session)).toEqual([]);
      await calls.scheduler.advanceAsync(8_000);
      expect(calls.story(session)).toEqual(['expired no_invite']);
      expect(refer.givenUp).toBe(true);
    },
  );

  it('ignores a failure that is told after the INVITE came', async () => {
    const { calls, refer, session, waiting } = await asked();
    const leg5 = await calls.invite(waiting);
    refer.end('failed', 487);
    expect(leg5.done).toEqual([]);
    expect(calls.story(session)).toEqual(['topology engaging']);
  });

  it('is asked for no more when it is canceled', async () => {
    const { calls, refer, session } = await asked();
    calls.interceptor.restore(session, 'canceled');
    expect(refer.givenUp).toBe(true);
    refer.end('failed', 487);
    expect(calls.story(session)).toEqual(['canceled released']);
  });

  it('is not asked for at all when it is canceled at once, or when the platform was faster', async () => {
    const calls = new Calls({ refer: REFER });
    const call = { platform: 'plt_main', call_id: 'e-91', dialog: DIALOG };
    calls.interceptor.restore(calls.expect('e-91', { start: 'refer', call }).session, 'canceled');
    await calls.invite(calls.expect('e-91', { start: 'refer', call }));
    await calls.scheduler.advanceAsync(0);
    expect(calls.sip.refers).toEqual([]);
  });

  it('is refused where the profile does not allow it, or the dialog is not known', () => {
    const call = { platform: 'plt_main', call_id: 'e-91' };
    const off = new Calls().expect('e-91', { start: 'refer', call: { ...call, dialog: DIALOG } });
    expect(off.expected).toMatchObject({ ok: false, problem: { code: 'refer_not_enabled' } });
    const blind = new Calls({ refer: REFER }).expect('e-91', { start: 'refer', call });
    expect(blind.expected).toMatchObject({ ok: false, problem: { code: 'dialog_missing' } });
  });
});
