import { describe, expect, it } from '@jest/globals';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import {
  bothTalk,
  expectApi,
  expectLadderSoon,
  leg6States,
  nothingOpen,
  worksAgain,
} from './support/aftermath.ts';
import { eventually } from './support/eventually.ts';
import { keysHeardByAgent } from './support/keys-heard.ts';

const RESTORED_FAILED = [
  'session.created',
  'session.engaged',
  'session.ready',
  'session.failed',
  'session.restoring',
  'session.restored',
] as const;

describe("while engaged, the customer's media", () => {
  it('stops: stalled after 2 s, handed back after 5 s', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    await scene.world.customer.mute();
    const mutedMs = Date.now();
    await eventually(() => expect(leg6States(watched)).toContain('stalled'));
    // The event says 2 s; the poll of the relay and the machine are in the rest.
    expect(Date.now() - mutedMs).toBeGreaterThanOrEqual(1_900);
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'restored',
      code: 'no_media',
      events: RESTORED_FAILED,
      ending: { code: 'no_media', call_safe: true, leg: 'leg6_media' },
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectLadderSoon(() => scene.ladder(), new URL('./media-stops.ladder.txt', import.meta.url));
    await scene.world.customer.unmute();
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('stops for 2 s and comes back: the leg recovers, the payment goes on', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    await scene.world.customer.mute();
    await eventually(() => expect(leg6States(watched)).toContain('stalled'));
    await scene.world.customer.unmute();
    await eventually(() => expect(leg6States(watched).at(-1)).toBe('media_up'));
    await bothTalk(scene);
    await expectApi(scene, watched, {
      status: 'ready',
      topology: 'engaged',
      code: null,
      events: ['session.created', 'session.engaged', 'session.ready'],
    });
    answerOf(await scene.client.restore(watched.session.id));
    await watched.follower.until('session.restored');
    await nothingOpen(scene);
  });

  it('brings keys as tones where events were agreed: told, and captured all the same', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    answerOf(await scene.client.collect(watched.session.id, 'card_number'));
    await scene.world.customer.press('4242', { how: 'inband' });
    await watched.follower.until('field.progress', ({ data }) => data.length === 4);
    const { data } = await watched.follower.until('dtmf.transport_unexpected');
    expect(data).toEqual({ transport: 'inband' });
    await watched.follower.until('field.hint', (hint) => hint.data.code === 'transport_unexpected');
    expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
    await bothTalk(scene);
    answerOf(await scene.client.cancel(watched.session.id));
    await scene.world.platform.untilOver();
    await expectLadderSoon(() => scene.ladder(), new URL('./wrong-transport.ladder.txt', import.meta.url));
    await bothTalk(scene);
    await nothingOpen(scene);
  });
});
