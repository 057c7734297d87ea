import { expect, it } from '@jest/globals';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectLadderSoon, nothingOpen } from './support/aftermath.ts';
import { keysHeardByAgent } from './support/keys-heard.ts';

it('the HTTP side is gone while engaged: people talk on, masked, and the call goes back without it', async () => {
  await using scene = await CallScene.open();
  const { session } = await scene.readySession();
  answerOf(await scene.client.collect(session.id, 'card_number'));
  await scene.sordino.parts.http.close();
  await expect(scene.client.read(session.id)).rejects.toThrow();
  await bothTalk(scene);
  await scene.world.customer.press('4242', { how: 'both' });
  expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
  await bothTalk(scene);
  // No verb can ask for it: the platform takes its call back by hanging up.
  await scene.world.parts.platform.call.diversion.release();
  expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
  await expectLadderSoon(() => scene.ladder(), new URL('./api-down.ladder.txt', import.meta.url));
  await bothTalk(scene);
  await nothingOpen(scene);
});
