import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../scene/call-scene.ts';
import { alarming, ProcessScene } from './support/process-scene.ts';
import { RawSip, statusOf } from './support/raw-sip.ts';

describe('a signal to end', () => {
  it('with a call engaged: no new call, this one handed back, status 0', async () => {
    await using scene = await ProcessScene.open();
    using caller = await RawSip.open(scene.sipPort);
    const { session, follower } = await scene.readySession();
    answerOf(await scene.client.collect(session.id, 'card_number'));
    // The key guard keeps the call for another 1.5 s: long enough to knock at the door while it is closing.
    await scene.world.customer.press('4', { how: 'events' });
    await follower.until('field.progress');

    scene.sordino.kill('SIGTERM');
    await scene.sordino.untilLine('stopping');
    const invited = await caller.ask({ method: 'INVITE', uri: `sip:tok_any@127.0.0.1:${scene.sipPort}` });
    expect(statusOf(invited)).toBe(503);
    expect(invited).toMatch(/^Retry-After: \d+/m);
    await scene.bothTalk();

    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    expect(await scene.sordino.ended).toEqual({ status: 0, signal: null });
    await scene.bothTalk();
    const { ends } = await scene.world.platform.report();
    expect(ends.map(({ role }) => role).sort()).toEqual(['leg5_in', 'leg7_out']);
    expect(alarming(scene.sordino.output)).toEqual([]);

    // What became of the payment is told by the next run.
    await scene.start();
    expect(answerOf(await scene.client.read(session.id))).toMatchObject({ topology: 'restored' });
  }, 60_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s without a call: ends at once, with status 0',
    async (signal) => {
      await using scene = await ProcessScene.open();
      scene.sordino.kill(signal);
      expect(await scene.sordino.ended).toEqual({ status: 0, signal: null });
      expect(alarming(scene.sordino.output)).toEqual([]);
      await scene.bothTalk();
    },
  );
});
