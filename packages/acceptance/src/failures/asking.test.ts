import { describe, expect, it } from '@jest/globals';
import type { CreateSessionBody } from '@sordino/core';
import type { DivertOutcome, ReferBehaviour } from '@sordino/testkit';
import { answerOf, aSessionBody, CALL_ID, CallScene } from '../scene/call-scene.ts';
import {
  bothTalk,
  expectApi,
  expectLadderSoon,
  nothingOpen,
  type Watched,
  worksAgain,
} from './support/aftermath.ts';
import { askBody, untouched } from './support/asking.ts';
import { legsApart } from './support/legs-apart.ts';
import { recordingLog } from './support/recording-log.ts';
import { wire } from './support/wire.ts';

const FORM = { form: 'target_dialog', notify_timeout_ms: 5_000 } as const;
const ENGAGED = ['session.created', 'session.engaged', 'session.ready'] as const;
const ladderFile = (name: string): URL => new URL(`./${name}.ladder.txt`, import.meta.url);

let correlations = 0;

/** A session that Sordino asks the platform for, and what the platform made of that. */
async function ask(
  scene: CallScene,
  behaviour: Partial<ReferBehaviour> = {},
  over: Partial<CreateSessionBody> = {},
): Promise<Watched & { readonly outcome: Promise<DivertOutcome> }> {
  correlations += 1;
  const outcome = scene.world.platform.takeRefer({
    offer: 'none',
    correlation: `asked-${correlations}`,
    ...behaviour,
  });
  return { ...(await scene.createSession({ ...(await askBody(scene)), ...over })), outcome };
}

async function restored(scene: CallScene, watched: Watched): Promise<void> {
  answerOf(await scene.client.restore(watched.session.id));
  await expectApi(scene, watched, {
    status: 'ready',
    topology: 'restored',
    code: null,
    events: [...ENGAGED, 'session.restoring', 'session.restored'],
  });
  expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
  await bothTalk(scene);
  await nothingOpen(scene);
}

describe('a call that Sordino asks for, by REFER with Target-Dialog', () => {
  it.each([
    { shape: 'a-1', offer: 'none', leg5_media: 'customer', commit: 'after_leg7' },
    { shape: 'a-1', offer: 'none', leg5_media: 'customer', commit: 'at_once' },
    { shape: 'a-2', offer: 'customer', leg5_media: 'customer', commit: 'after_leg7' },
    { shape: 'a-2', offer: 'customer', leg5_media: 'customer', commit: 'at_once' },
    { shape: 'a-3', offer: 'platform', leg5_media: 'customer_after_reinvite', commit: 'after_leg7' },
    { shape: 'a-3', offer: 'platform', leg5_media: 'customer_after_reinvite', commit: 'at_once' },
  ] as const)('is ready as in $shape with commit $commit, and restored', async (row) => {
    const { shape, offer, leg5_media, commit } = row;
    await using scene = await CallScene.open({ platform: { refer: FORM, leg5_media, commit } });
    const behaviour = { takesLeg7BeforeAnswer: commit === 'after_leg7' };
    const watched = await ask(scene, { offer, behaviour });
    await watched.follower.until('session.ready');
    expect(await watched.outcome).toMatchObject({ engaged: true });
    await bothTalk(scene);
    await restored(scene, watched);
    const file = ladderFile(`asked-${shape}-${commit.replace('_', '-')}`);
    await expectLadderSoon(() => legsApart(scene), file);
  });

  it.each<[string, Partial<ReferBehaviour>]>([
    ['notify-first', { notifiesFirst: true }],
    ['no-subscription', { withoutSubscription: true }],
    ['failure-told-too-late', { tellsInTheEnd: 503 }],
  ])('is ready whatever the platform tells of it: %s', async (name, behaviour) => {
    const { log, lines } = recordingLog();
    await using scene = await CallScene.open({ log, platform: { refer: FORM } });
    const watched = await ask(scene, behaviour);
    await watched.follower.until('session.ready');
    await watched.outcome;
    await bothTalk(scene);
    await restored(scene, watched);
    await expectLadderSoon(() => legsApart(scene), ladderFile(`asked-${name}`));
    const ignored = lines.filter(({ message }) => message === 'a REFER failed whose INVITE 5 had come');
    expect(ignored).toHaveLength(behaviour.tellsInTheEnd === undefined ? 0 : 1);
  });
});

describe('a call that Sordino asks for in vain', () => {
  const QUICK = { ...FORM, notify_timeout_ms: 700 } as const;

  it.each<[string, Partial<ReferBehaviour>, string, number | null]>([
    ['refused-403', { refusesRefer: 403 }, 'refer_refused', 403],
    ['refused-405', { refusesRefer: 405 }, 'refer_refused', 405],
    ['refused-420', { refusesRefer: 420 }, 'refer_refused', 420],
    ['refused-481', { refusesRefer: 481 }, 'refer_refused', 481],
    ['refused-603', { refusesRefer: 603 }, 'refer_refused', 603],
    ['no-answer', { ignoresRefer: true }, 'refer_no_answer', null],
    ['no-notify', { neverNotifies: true }, 'refer_no_notify', null],
    ['failed-503', { failsWith: 503 }, 'refer_failed', 503],
  ])('%s: the session has failed, and the call was never touched', async (name, behaviour, code, status) => {
    await using scene = await CallScene.open({ platform: { refer: QUICK } });
    await bothTalk(scene);
    const watched = await ask(scene, behaviour);
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'original',
      code,
      events: ['session.created', 'session.failed'],
      ending: {
        code,
        call_safe: true,
        leg: 'leg5_in',
        sip: status === null ? null : expect.objectContaining({ status }),
      },
    });
    const legs = answerOf(await scene.client.legs(watched.session.id));
    expect(legs.data.find(({ role }) => role === 'leg5_in')).toMatchObject({ state: 'failed', reason: code });
    await untouched(scene);
    await expectLadderSoon(() => legsApart(scene), ladderFile(`asked-${name}`));
    // The token opens nothing any more.
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status: 404 });
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('is refused with 481 by a platform that knows no such dialog', async () => {
    await using scene = await CallScene.open({ platform: { refer: QUICK } });
    const dialog = { call_id: 'another@call', local_tag: 'a', remote_tag: 'b' };
    const watched = await ask(scene, {}, { call: { ...aSessionBody().call, dialog } });
    const { data } = await watched.follower.until('session.failed');
    expect(data).toMatchObject({ code: 'refer_refused', call_safe: true, sip: { status: 481 } });
    await untouched(scene);
  });

  it('is not asked for where the profile does not allow it', async () => {
    await using scene = await CallScene.open();
    const refused = await scene.client.create(aSessionBody(await askBody(scene)), crypto.randomUUID());
    expect(refused).toMatchObject({
      ok: false,
      status: 400,
      error: { code: 'refer_not_enabled', param: 'start.method', call_safe: true },
    });
    if (!refused.ok) expect(refused.error.message).toContain('refer.form');
    expect(wire(scene, 'in', 'REFER')).toEqual([]);
    await worksAgain(scene);
  });

  it('is not asked for when nobody says which dialog it is', async () => {
    await using scene = await CallScene.open({ platform: { refer: FORM } });
    const body = aSessionBody({ start: { method: 'refer' } });
    expect(await scene.client.create(body, crypto.randomUUID())).toMatchObject({
      ok: false,
      status: 400,
      error: { code: 'dialog_missing', param: 'call.dialog' },
    });
    expect(wire(scene, 'in', 'REFER')).toEqual([]);
  });

  it('is asked for no more when the agent cancels: the INVITE that comes all the same is refused', async () => {
    await using scene = await CallScene.open({ platform: { refer: FORM } });
    const watched = await ask(scene, { neverNotifies: true });
    answerOf(await scene.client.cancel(watched.session.id));
    await watched.follower.until('session.canceled');
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status: 404 });
    await untouched(scene);
  });

  it(`leaves the call ${CALL_ID} to the next session`, async () => {
    await using scene = await CallScene.open({ platform: { refer: FORM } });
    const failed = await ask(scene, { refusesRefer: 603 });
    await failed.follower.until('session.failed');
    const watched = await ask(scene);
    await watched.follower.until('session.ready');
    await watched.outcome;
    await restored(scene, watched);
  });
});
