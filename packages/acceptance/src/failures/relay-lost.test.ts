import { describe, expect, it } from '@jest/globals';
import type { LegView } from '@sordino/core';
import { gapMs, hostNowMs } from '@sordino/testkit';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import {
  bothTalk,
  expectApi,
  expectLadderSoon,
  nothingOpen,
  type Watched,
  worksAgain,
} from './support/aftermath.ts';
import { keysHeardByAgent } from './support/keys-heard.ts';
import { legsApart, withSordino } from './support/legs-apart.ts';
import { SordinoLadder } from './support/sordino-ladder.ts';
import { wire } from './support/wire.ts';

const ENGAGED = ['session.created', 'session.engaged', 'session.ready'] as const;
const RESTORED_FAILED = [...ENGAGED, 'session.failed', 'session.restoring', 'session.restored'] as const;
/** Audio from before the loss, so that the whole gap is in what is looked at. */
const BEFORE_MS = 100;
/** What arrives in this time may not be in the recording yet. */
const STILL_PLAYED_MS = 200;

const loseWorkerOf = async ({ sordino }: CallScene, { session }: Watched): Promise<void> =>
  expect(await sordino.parts.relay.loseWorkerOf(session.id)).toBe(true);

describe('a relay worker dies', () => {
  it('while engaged: both legs move to a live one, and the payment goes on, masked from the first packet', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    const lostMs = hostNowMs();
    await loseWorkerOf(scene, watched);
    const { data } = await watched.follower.until('session.degraded');
    expect(data).toEqual({ reason: 'relay_lost', gap_ms: expect.any(Number) });
    await bothTalk(scene);
    const { customer, agent } = scene.world.parts;
    const untilMs = hostNowMs() - STILL_PLAYED_MS;
    const gap = (heard: Parameters<typeof gapMs>[0]): number => gapMs(heard, lostMs - BEFORE_MS, untilMs);
    process.stdout.write(
      `relay moved: agent heard nothing for ${gap(agent.report().heard)} ms, customer for ${gap(customer.report().heard)} ms, event says ${data.gap_ms} ms\n`,
    );
    // The keys go on where they were, and none gets through.
    answerOf(await scene.client.collect(watched.session.id, 'card_number'));
    await scene.world.customer.press('4242', { how: 'both' });
    await watched.follower.until('field.progress', (event) => event.data.length === 4);
    await bothTalk(scene);
    expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
    const legs = answerOf(await scene.client.legs(watched.session.id)).data;
    const stateOf = (role: LegView['role']) => legs.find((leg) => leg.role === role)?.state;
    expect([stateOf('leg5_in'), stateOf('leg6_media'), stateOf('leg7_out')]).toEqual([
      'media_up',
      'media_up',
      'media_up',
    ]);
    answerOf(await scene.client.restore(watched.session.id));
    await watched.follower.until('session.restored');
    await scene.world.platform.untilOver();
    await expectLadderSoon(() => legsApart(scene), new URL('./relay-moved.ladder.txt', import.meta.url));
    // RFC 3264 §8: the same origin, its version one higher.
    const offers = withSordino(scene).filter(({ text }) => text.startsWith('INVITE ') && text.includes('o='));
    const origins = offers.map(({ text }) => /^o=\S+ (\d+) (\d+) /m.exec(text)?.slice(1).map(Number));
    const [[id, version] = []] = origins;
    expect(origins.slice(1)).toContainEqual([id, (version ?? 0) + 1]);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('while a field is collected: what was keyed is not taken, and is asked for again', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession();
    answerOf(await scene.client.collect(watched.session.id, 'card_number'));
    await scene.world.customer.press('42', { how: 'events' });
    await watched.follower.until('field.progress', (event) => event.data.length === 2);
    await loseWorkerOf(scene, watched);
    await watched.follower.until('field.hint', (hint) => hint.data.code === 'keys_lost');
    await watched.follower.until('field.rejected', (event) => event.data.field === 'card_number');
    await watched.follower.until('session.degraded');
    answerOf(await scene.client.collect(watched.session.id, 'card_number'));
    await scene.world.customer.press('4242', { how: 'events' });
    await watched.follower.until('field.progress', (event) => event.data.length === 4);
    expect(await keysHeardByAgent(scene)).toEqual({ tones: [], events: [] });
    answerOf(await scene.client.cancel(watched.session.id));
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it.each(['leg5', 'leg7'] as const)('and %s refuses its new address: BYE on leg 5 at once', async (leg) => {
    await using scene = await CallScene.open();
    const watched = await scene.readySession({}, { refusesReoffer: { leg, status: 488 } });
    // A key that was just pressed holds nothing up: there is no audio left that it could be in.
    await scene.world.customer.press('7', { how: 'events' });
    await loseWorkerOf(scene, watched);
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'restored',
      code: 'relay_lost',
      events: RESTORED_FAILED,
      ending: { code: 'relay_lost', call_safe: true, leg: 'leg6_media' },
    });
    await expectLadderSoon(
      () => legsApart(scene),
      new URL(`./relay-not-moved-${leg}.ladder.txt`, import.meta.url),
    );
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('and a re-INVITE of the platform crosses ours: 491 both ways, tried again, the call holds', async () => {
    const crossing: { now?: () => void } = {};
    const ladder = new SordinoLadder();
    await using scene = await CallScene.open({
      trace: (entry) => {
        ladder.trace(entry);
        const { diversion } = scene.world.parts.platform.call;
        const isLeg7 = entry.text.includes(`Call-ID: ${diversion.leg7?.leg?.callId}`);
        // Our re-INVITE is on the wire and nobody has read it yet.
        if (entry.direction === 'out' && entry.text.startsWith('INVITE ') && isLeg7) crossing.now?.();
      },
    });
    const watched = await scene.readySession();
    const crossed = new Promise<number>((resolve) => {
      crossing.now = () => {
        delete crossing.now;
        resolve(scene.world.platform.hold('leg7', 'sendrecv'));
      };
    });
    await loseWorkerOf(scene, watched);
    expect(await crossed).toBe(200);
    await watched.follower.until('session.degraded');
    expect(wire(scene, 'out', 'SIP/2.0 491')).toHaveLength(1);
    expect(wire(scene, 'in', 'SIP/2.0 491')).toHaveLength(1);
    await bothTalk(scene);
    await expectApi(scene, watched, {
      status: 'ready',
      topology: 'degraded',
      code: null,
      events: [...ENGAGED, 'session.degraded'],
    });
    answerOf(await scene.client.restore(watched.session.id));
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
  });
});
