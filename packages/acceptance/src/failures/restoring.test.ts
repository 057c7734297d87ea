import { describe, expect, it } from '@jest/globals';
import { hostMsOfUnix } from '@sordino/testkit';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen, worksAgain } from './support/aftermath.ts';
import { keysHeardByAgent } from './support/keys-heard.ts';

const ENGAGED = ['session.created', 'session.engaged', 'session.ready'] as const;
/** Rule 5. */
const KEY_GUARD_MS = 1_500;
/** Two clocks and two sockets lie between a key and the trace. */
const CLOCKS_MS = 30;

describe('while the call is handed back', () => {
  it('the platform never takes the customer: degraded after 10 s, talking, masked, and restored in the end', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession({}, { neverTakesCustomerBack: true });
    answerOf(await scene.client.restore(watched.session.id));
    await bothTalk(scene);
    await expectApi(scene, watched, {
      status: 'ready',
      topology: 'degraded',
      code: null,
      events: [...ENGAGED, 'session.restoring', 'session.degraded'],
    });
    // Leg 7 lives, and so do the people on it; a card that is keyed now reaches nobody.
    await bothTalk(scene);
    await scene.world.customer.press('4242', { how: 'both' });
    await bothTalk(scene);
    expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
    await scene.world.platform.takeCustomerBack();
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectApi(scene, watched, {
      status: 'ready',
      topology: 'restored',
      code: null,
      events: [...ENGAGED, 'session.restoring', 'session.degraded', 'session.restored'],
    });
    await expectLadderSoon(() => scene.ladder(), new URL('./not-taken-back.ladder.txt', import.meta.url));
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  }, 40_000);

  it('the platform takes the customer back and leaves leg 7 to us: BYE on it after 5 s of silence', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession({}, { neverEndsLeg7: true });
    answerOf(await scene.client.restore(watched.session.id));
    await expectApi(scene, watched, {
      status: 'ready',
      topology: 'restored',
      code: null,
      events: [...ENGAGED, 'session.restoring', 'session.restored'],
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectLadderSoon(() => scene.ladder(), new URL('./leg7-left-open.ladder.txt', import.meta.url));
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it.each([
    ['a short key', '5', 100],
    ['a key that is held down', '6', 2_500],
  ])('%s was pressed: no BYE on leg 5 until 1.5 s after it', async (_what, key, durationMs) => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    answerOf(await scene.client.collect(watched.session.id, 'card_number'));
    const pressed = scene.world.customer.press(key, { how: 'both', durationMs });
    // The key is here, and may still be down.
    await watched.follower.until('field.progress');
    answerOf(await scene.client.restore(watched.session.id));
    await pressed;
    await watched.follower.until('session.restored');
    const { customer, platform } = scene.world.parts;
    const keyEndMs = customer.report().keys.at(-1)?.endMs ?? Number.NaN;
    const bye = platform
      .report()
      .sip.find(({ direction, text }) => direction === 'in' && text.startsWith('BYE'));
    expect(hostMsOfUnix(bye?.atMs ?? 0) - keyEndMs).toBeGreaterThanOrEqual(KEY_GUARD_MS - CLOCKS_MS);
    expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
  });
});
