import { describe, expect, it } from '@jest/globals';
import type { GiveBack, TakenBehaviour, TakenCall } from '@sordino/testkit';
import { until } from '@sordino/testkit';
import { answerOf, CallScene, type SceneOptions } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen, type Watched } from './support/aftermath.ts';
import { askBody, untouched } from './support/asking.ts';
import { keysHeardByAgent } from './support/keys-heard.ts';
import { legsApart } from './support/legs-apart.ts';
import { recordingLog } from './support/recording-log.ts';
import { wire } from './support/wire.ts';

const FORM = { form: 'replaces', notify_timeout_ms: 700 } as const;
const ENGAGED = ['session.created', 'session.engaged', 'session.ready'] as const;
const ladderFile = (name: string): URL => new URL(`./${name}.ladder.txt`, import.meta.url);

interface Taking extends Watched {
  readonly taken: TakenCall;
}

/** A session whose call Sordino takes by itself, from a platform that has only standard transfer verbs. */
async function take(scene: CallScene, behaviour: TakenBehaviour = {}): Promise<Taking> {
  const taken = await scene.world.parts.platform.call.letTake(behaviour);
  return { ...(await scene.createSession(await askBody(scene))), taken };
}

const openScene = (options: SceneOptions = {}): Promise<CallScene> =>
  CallScene.open({ ...options, platform: { refer: FORM, ...options.platform } });

async function restored(scene: CallScene, watched: Taking): Promise<void> {
  await expectApi(scene, watched, {
    status: 'ready',
    topology: 'restored',
    code: null,
    events: [...ENGAGED, 'session.restoring', 'session.restored'],
  });
  expect(await watched.taken.over).toMatchObject({ how: 'restored' });
  await bothTalk(scene);
  await nothingOpen(scene);
}

describe('a call that Sordino takes, by INVITE with Replaces', () => {
  it('is ready, and goes back by REFER with Replaces; twice', async () => {
    await using scene = await openScene();
    for (const cycle of [1, 2]) {
      const watched = await take(scene);
      expect(watched.session.cycle).toBe(cycle);
      await watched.follower.until('session.ready');
      expect(await watched.taken.taken).toBe(true);
      await bothTalk(scene);
      answerOf(await scene.client.restore(watched.session.id));
      await restored(scene, watched);
      expect(watched.taken.asked).toEqual(['takes']);
      if (cycle === 1) await expectLadderSoon(() => scene.ladder(), ladderFile('taken'));
    }
    // Rule 3 holds here as well: what Sordino offers to the agent's side has no telephone-event.
    expect(scene.world.parts.platform.call.taken?.leg7Offer).not.toContain('telephone-event');
  });

  it('never says BYE to the customer before the final NOTIFY is answered', async () => {
    await using scene = await openScene();
    const watched = await take(scene);
    await watched.follower.until('session.ready');
    answerOf(await scene.client.restore(watched.session.id));
    await restored(scene, watched);
    const sip = scene.world.parts.platform.report().sip;
    const answered = sip.findLastIndex(
      ({ direction, text }) => direction === 'in' && /^CSeq: \d+ NOTIFY\r$/m.test(text),
    );
    const bye = sip.findIndex(({ direction, text }) => direction === 'in' && text.startsWith('BYE '));
    expect(sip[answered]?.text).toMatch(/^SIP\/2\.0 200 /);
    expect(bye).toBeGreaterThan(answered);
  });

  it.each<[string, readonly GiveBack[]]>([
    ['refused once', ['refuses', 'takes']],
    ['failed once', ['fails', 'takes']],
    ['not notified once', ['no_notify', 'takes']],
    ['without a subscription', ['no_subscription']],
  ])('goes back all the same: %s', async (_what, givesBack) => {
    await using scene = await openScene();
    const watched = await take(scene, { givesBack });
    await watched.follower.until('session.ready');
    answerOf(await scene.client.restore(watched.session.id));
    await restored(scene, watched);
    expect(watched.taken.asked).toEqual(givesBack);
  });

  it.each<[string, readonly GiveBack[]]>([
    ['refused', ['refuses', 'refuses']],
    ['failed', ['fails', 'fails']],
    ['not-notified', ['no_notify', 'no_notify']],
  ])(
    'that nobody takes back stays, degraded and masked, until somebody hangs up: %s',
    async (name, givesBack) => {
      const { log, lines } = recordingLog();
      await using scene = await openScene({ log });
      const watched = await take(scene, { givesBack });
      await watched.follower.until('session.ready');
      answerOf(await scene.client.restore(watched.session.id));
      const { data } = await watched.follower.until('session.degraded');
      expect(data).toMatchObject({ reason: 'not_taken_back' });
      expect(lines.filter(({ level, message }) => level === 'error' && /not take/.test(message))).not.toEqual(
        [],
      );
      expect(watched.taken.asked).toEqual(givesBack);
      await bothTalk(scene);
      await scene.world.customer.press('4242', { how: 'both' });
      await bothTalk(scene);
      expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
      expect(wire(scene, 'in', 'BYE')).toEqual([]);
      await scene.world.customer.hangUp();
      await expectApi(scene, watched, {
        status: 'canceled',
        topology: 'lost',
        code: 'customer_hangup',
        events: [...ENGAGED, 'session.restoring', 'session.degraded', 'session.lost', 'session.canceled'],
      });
      await expectLadderSoon(() => legsApart(scene), ladderFile(`taken-${name}`));
      await nothingOpen(scene);
    },
    40_000,
  );

  it('is let go when the agent hangs up: nobody is there to give the customer to', async () => {
    await using scene = await openScene();
    const watched = await take(scene);
    await watched.follower.until('session.ready');
    await scene.world.agent.hangUp();
    const { data } = await watched.follower.until('session.canceled');
    expect(data).toMatchObject({ code: 'agent_left' });
    expect(await watched.taken.over).toMatchObject({ how: 'call_ended' });
    expect(watched.taken.asked).toEqual([]);
    await nothingOpen(scene);
  });

  it('ends when the customer hangs up', async () => {
    await using scene = await openScene();
    const watched = await take(scene);
    await watched.follower.until('session.ready');
    await scene.world.customer.hangUp();
    const { data } = await watched.follower.until('session.canceled');
    expect(data).toMatchObject({ code: 'customer_hangup', call_safe: false });
    await nothingOpen(scene);
  });

  it('that is canceled while it is taken goes back as soon as it is here', async () => {
    await using scene = await openScene();
    const watched = await take(scene, { takingDelayMs: 500 });
    await until('the INVITE with Replaces is out', () => replacing(scene).length > 0);
    answerOf(await scene.client.cancel(watched.session.id));
    expect(await watched.taken.taken).toBe(true);
    expect(await watched.taken.over).toMatchObject({ how: 'restored' });
    expect(wire(scene, 'in', 'CANCEL')).toEqual([]);
    expect(watched.taken.asked).toEqual(['takes']);
    await bothTalk(scene);
    await nothingOpen(scene);
  });
});

describe('a call that cannot be taken', () => {
  it.each<[string, TakenBehaviour, string, string, number]>([
    ['leg7-486', { refusesLeg7: 486 }, 'leg7_refused', 'leg7_out', 486],
    ['420', { refusesTaking: 420 }, 'replaces_refused', 'leg5_in', 420],
    ['481', { refusesTaking: 481 }, 'replaces_refused', 'leg5_in', 481],
    ['603', { refusesTaking: 603 }, 'replaces_refused', 'leg5_in', 603],
  ])(
    '%s: the session has failed, and the call was never touched',
    async (name, behaviour, code, leg, status) => {
      await using scene = await openScene();
      await bothTalk(scene);
      const watched = await take(scene, behaviour);
      await expectApi(scene, watched, {
        status: 'failed',
        topology: 'original',
        code,
        events: ['session.created', 'session.failed'],
        ending: { code, call_safe: true, leg, sip: expect.objectContaining({ status }) },
      });
      await untouched(scene);
      await expectLadderSoon(() => scene.ladder(), ladderFile(`not-taken-${name}`));
      await nothingOpen(scene);
      const again = await take(scene);
      await again.follower.until('session.ready');
      answerOf(await scene.client.restore(again.session.id));
      await restored(scene, again);
    },
  );

  it('is refused with 481 where the dialog is not that of the customer', async () => {
    await using scene = await openScene();
    await scene.world.parts.platform.call.letTake();
    const body = await askBody(scene);
    const dialog = { call_id: 'another@call', local_tag: 'a', remote_tag: 'b' };
    const { follower } = await scene.createSession({
      ...body,
      call: { call_id: 'e-91', platform: 'plt_main', dialog },
    });
    const { data } = await follower.until('session.failed');
    expect(data).toMatchObject({ code: 'replaces_refused', sip: { status: 481 }, call_safe: true });
    await untouched(scene);
    await nothingOpen(scene);
  });
});

/** INVITEs of Sordino that take the place of a dialog. */
const replacing = (scene: CallScene): readonly string[] =>
  wire(scene, 'in', 'INVITE').filter((text) => /^Replaces: /m.test(text));
