import { describe, expect, it } from '@jest/globals';
import { CallScene } from '../scene/call-scene.ts';
import {
  bothTalk,
  expectApi,
  expectLadderSoon,
  leg6States,
  nothingOpen,
  type Watched,
  worksAgain,
} from './support/aftermath.ts';
import { eventually } from './support/eventually.ts';
import { legsApart } from './support/legs-apart.ts';
import { StubbornPlatform } from './support/stubborn-platform.ts';
import { lastHeader } from './support/wire.ts';

const REFUSED = ['session.created', 'session.failed'] as const;

describe('leg 7 that does not come to be, before the commit point', () => {
  it.each([486, 603, 480])('refused with %d: 503 on leg 5', async (status) => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const outcome = await scene.divert(watched.session, { refusesLeg7: status });
    expect(outcome).toMatchObject({ engaged: false, status: 503 });
    await expectLadderSoon(
      () => scene.ladder(),
      new URL(`./leg7-refused-${status}.ladder.txt`, import.meta.url),
    );
    expect(lastHeader(scene, 'SIP/2.0 503', 'Retry-After')).toBe('5');
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'original',
      code: 'leg7_refused',
      events: REFUSED,
      ending: {
        code: 'leg7_refused',
        call_safe: true,
        leg: 'leg7_out',
        sip: { status, reason: 'leg7_refused' },
      },
    });
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('silent for 2 s: 503 on leg 5, CANCEL on leg 7', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const outcome = await scene.divert(watched.session, { ignoresLeg7: true });
    expect(outcome).toMatchObject({ engaged: false, status: 503 });
    await expectLadderSoon(() => legsApart(scene), new URL('./leg7-silent.ladder.txt', import.meta.url));
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'original',
      code: 'leg7_no_answer',
      events: REFUSED,
      ending: { code: 'leg7_no_answer', call_safe: true, leg: 'leg7_out', sip: null },
    });
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('answered after we gave up: acknowledged and ended by BYE', async () => {
    await using late = await StubbornPlatform.open();
    await using scene = await CallScene.open({ platform: { return_uri: late.uri } });
    const watched = await scene.createSession();
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status: 503 });
    await expectLadderSoon(() => late.ladder(), new URL('./leg7-late.ladder.txt', import.meta.url));
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'original',
      code: 'leg7_no_answer',
      events: REFUSED,
      ending: { call_safe: true },
    });
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it('refused where leg 5 was answered at once: the call is taken back', async () => {
    await using scene = await CallScene.open({ platform: { commit: 'at_once' } });
    const watched = await scene.createSession();
    const outcome = await scene.divert(watched.session, { refusesLeg7: 486 });
    expect(outcome).toMatchObject({ engaged: false });
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'restored',
      code: 'leg7_refused',
      events: ['session.created', 'session.failed', 'session.restoring', 'session.restored'],
      ending: { code: 'leg7_refused', call_safe: true, leg: 'leg7_out' },
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectLadderSoon(
      () => legsApart(scene),
      new URL('./leg7-refused-at-once.ladder.txt', import.meta.url),
    );
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });
});

describe('leg 7 without an answer, where leg 5 was answered at once', () => {
  it('silent for 2 s: the call is taken back, CANCEL on leg 7', async () => {
    await using scene = await CallScene.open({ platform: { commit: 'at_once' } });
    const watched = await scene.createSession();
    const behaviour = { ignoresLeg7: true, leavesLeg5ToSordino: true };
    expect(await scene.divert(watched.session, behaviour)).toMatchObject({ engaged: false });
    await expectTakenBack(scene, watched, 'leg7-silent-at-once');
  });

  it('the platform takes the call back before we give it: restored all the same', async () => {
    await using scene = await CallScene.open({ platform: { commit: 'at_once' } });
    const watched = await scene.createSession();
    const outcome = scene.divert(watched.session, { ignoresLeg7: true });
    await eventually(() => expect(leg6States(watched)).toContain('media_up'));
    // Down for most of the 2 s: our BYE waits for 1.5 s after it, theirs for nothing.
    await scene.world.customer.press('5', { how: 'events', durationMs: 1_500 });
    expect(await outcome).toMatchObject({ engaged: false });
    await expectTakenBack(scene, watched, 'leg7-silent-taken-back');
  });
});

async function expectTakenBack(scene: CallScene, watched: Watched, ladder: string): Promise<void> {
  await expectApi(scene, watched, {
    status: 'failed',
    topology: 'restored',
    code: 'leg7_no_answer',
    events: ['session.created', 'session.failed', 'session.restoring', 'session.restored'],
    ending: { code: 'leg7_no_answer', call_safe: true, leg: 'leg7_out', sip: null },
  });
  expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
  await expectLadderSoon(() => legsApart(scene), new URL(`./${ladder}.ladder.txt`, import.meta.url));
  await bothTalk(scene);
  await nothingOpen(scene);
  await worksAgain(scene);
}

describe('a platform that CANCELs leg 5', () => {
  it.each([
    ['while leg 7 rings', { cancelsLeg5AfterMs: 300, leg7AnswerDelayMs: 1_500, ringsLeg7: true }],
    // Whether leg 7 is on its way by then is the machine's to say: no ladder.
    ['at once', { cancelsLeg5AfterMs: 0, ignoresLeg7: true }],
  ])('%s: 487, leg 7 is canceled', async (_when, behaviour) => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const outcome = await scene.divert(watched.session, behaviour);
    expect(outcome).toMatchObject({ engaged: false, reason: expect.stringContaining('canceled') });
    await expectApi(scene, watched, {
      status: 'canceled',
      topology: 'original',
      code: 'leg5_canceled',
      events: ['session.created', 'session.canceled'],
      ending: {
        code: 'leg5_canceled',
        call_safe: true,
        leg: 'leg5_in',
        sip: { status: 487, reason: 'canceled' },
      },
    });
    await scene.world.platform.untilOver();
    if ('ringsLeg7' in behaviour) {
      await expectLadderSoon(() => legsApart(scene), new URL('./leg5-canceled.ladder.txt', import.meta.url));
    }
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });
});
