import { describe, expect, it } from '@jest/globals';
import type { FaultName } from '@sordino/core';
import { bothTalk, expectLadderSoon, nothingOpen, worksAgain } from '../failures/support/aftermath.ts';
import { keysHeardByAgent } from '../failures/support/keys-heard.ts';
import { legsApart } from '../failures/support/legs-apart.ts';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { arm, promiseKept } from './support/promise.ts';

const ladderOf = (name: string): URL => new URL(`./${name}.ladder.txt`, import.meta.url);

/** A fault of the way in: the platform's INVITE is refused with `status`, and its call was never touched. */
const REFUSED: readonly (readonly [FaultName, number])[] = [
  ['no_common_codec', 488],
  ['overloaded', 503],
  ['leg7_refused', 503],
  ['leg7_no_answer', 503],
  ['leg5_canceled', 487],
];

describe('rehearsed before the platform diverts', () => {
  it.each(REFUSED)('%s: the INVITE is refused with %d', async (fault, status) => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const armed = await arm(scene, watched, fault);
    expect(armed.state).toBe('armed');
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status });
    await promiseKept(scene, watched, armed);
    await scene.world.platform.untilOver();
    // Whether leg 7 is answered before it is canceled is the machine's to say.
    if (fault !== 'leg5_canceled') await expectLadderSoon(() => legsApart(scene), ladderOf(fault));
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it.each(['leg7_refused', 'leg7_no_answer'] as const)(
    '%s where leg 5 is answered at once: the call goes back',
    async (fault) => {
      await using scene = await CallScene.open({ platform: { commit: 'at_once' } });
      const watched = await scene.createSession();
      const armed = await arm(scene, watched, fault);
      expect(armed.expected.topology).toBe('restored');
      await scene.divert(watched.session);
      await promiseKept(scene, watched, armed);
      await scene.world.platform.untilOver();
      await expectLadderSoon(() => legsApart(scene), ladderOf(`${fault}-at-once`));
      await bothTalk(scene);
      await nothingOpen(scene);
    },
  );

  it('leg5_canceled where leg 5 is answered at once: not possible, and said so', async () => {
    await using scene = await CallScene.open({ platform: { commit: 'at_once' } });
    const { session } = await scene.createSession();
    expect(await scene.client.armFault(session.id, 'leg5_canceled')).toMatchObject({
      status: 409,
      error: { code: 'fault_not_possible', call_safe: true },
    });
  });

  it('no_invite: every INVITE is refused until the session has expired', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession({ start: { timeout_ms: 2_000 } });
    const armed = await arm(scene, watched, 'no_invite');
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status: 404 });
    await scene.world.platform.untilOver();
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status: 404 });
    await promiseKept(scene, watched, armed);
    await expectLadderSoon(() => scene.ladder(), ladderOf('no_invite'));
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('rendezvous_unknown: the first INVITE is refused, the second is taken', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const armed = await arm(scene, watched, 'rendezvous_unknown');
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status: 404 });
    await promiseKept(scene, watched, armed);
    await scene.world.platform.untilOver();
    await expectLadderSoon(() => scene.ladder(), ladderOf('rendezvous_unknown'));
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: true });
    await watched.follower.until('session.ready');
    answerOf(await scene.client.restore(watched.session.id));
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
  });
});

describe('rehearsed at the commit point', () => {
  it.each(['ack_lost', 'no_media'] as const)('%s: the call goes back', async (fault) => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const armed = await arm(scene, watched, fault);
    await scene.divert(watched.session);
    await promiseKept(scene, watched, armed);
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectLadderSoon(() => legsApart(scene), ladderOf(fault));
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('ack_lost where the customer is known without it: people talk meanwhile, masked', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const armed = await arm(scene, watched, 'ack_lost');
    const diverted = scene.divert(watched.session, {}, 'customer');
    await watched.follower.until('session.engaged');
    await scene.world.customer.press('42', { how: 'both' });
    expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
    await promiseKept(scene, watched, armed);
    await diverted;
    expect(watched.follower.events.map(({ type }) => type)).not.toContain('session.ready');
    await scene.world.platform.untilOver();
    await expectLadderSoon(() => legsApart(scene), ladderOf('ack_lost-a-2'));
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it('glare: the swap of the customer is refused with 491, comes again, and the call engages', async () => {
    await using scene = await CallScene.open({ platform: { leg5_media: 'customer_after_reinvite' } });
    const watched = await scene.createSession();
    const armed = await arm(scene, watched, 'glare');
    const diverted = scene.divert(watched.session, {}, 'platform');
    await watched.follower.until('session.ready');
    expect(await diverted).toMatchObject({ engaged: true });
    await promiseKept(scene, watched, armed);
    await bothTalk(scene);
    answerOf(await scene.client.restore(watched.session.id));
    await scene.world.platform.untilOver();
    await expectLadderSoon(() => legsApart(scene), ladderOf('glare'));
    await bothTalk(scene);
    await nothingOpen(scene);
  });
});
