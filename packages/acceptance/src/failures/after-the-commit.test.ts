import { describe, expect, it } from '@jest/globals';
import { setBaseTimers } from '@sordino/sip/testing';
import { CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen, worksAgain } from './support/aftermath.ts';
import { eventually } from './support/eventually.ts';
import { legsApart } from './support/legs-apart.ts';
import { wire } from './support/wire.ts';

const FAILED = ['session.created', 'session.failed', 'session.restoring', 'session.restored'] as const;
/** RFC 3261 §17: T1, T2 and T4, ms. */
const RFC_TIMERS = [500, 4_000, 5_000] as const;
/** A network that is twenty times as fast: 64*T1 is 1.6 s, well before the 5 s for the first media. */
const QUICK_TIMERS = [25, 200, 250] as const;

describe('after the commit point', () => {
  it('the ACK of leg 5 is lost: BYE after 64*T1, and the call is restored', async () => {
    await using scene = await CallScene.open();
    setBaseTimers(...QUICK_TIMERS);
    try {
      const watched = await scene.createSession();
      await scene.divert(watched.session, { neverAcksLeg5: true });
      await expectApi(scene, watched, {
        status: 'failed',
        topology: 'restored',
        code: 'leg5_ack_lost',
        events: FAILED,
        ending: { code: 'leg5_ack_lost', call_safe: true, leg: 'leg5_in' },
      });
      expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
      await expectLadderSoon(() => scene.ladder(), new URL('./ack-lost.ladder.txt', import.meta.url));
      // RFC 3261 §13.3.1.4: the 200 is sent again until the ACK is here, which it never was.
      expect(
        wire(scene, 'in', 'SIP/2.0 200 OK').filter((text) => text.includes('INVITE')).length,
      ).toBeGreaterThan(2);
      await bothTalk(scene);
      await nothingOpen(scene);
      // With such timers the transactions expire before our patience does.
      await eventually(() => {
        const { clients, servers } = scene.sordino.parts.sip.diagnostics();
        expect({ clients, servers }).toEqual({ clients: 0, servers: 0 });
      });
    } finally {
      setBaseTimers(...RFC_TIMERS);
    }
    await worksAgain(scene);
  });

  it('no customer media in 5 s: BYE on leg 5, then the platform closes leg 7', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const outcome = await scene.divert(watched.session, { neverMovesCustomer: true });
    expect(outcome).toMatchObject({ engaged: false });
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'restored',
      code: 'no_media',
      events: FAILED,
      ending: { code: 'no_media', call_safe: true, leg: 'leg6_media', sip: null },
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectLadderSoon(() => scene.ladder(), new URL('./no-customer-media.ladder.txt', import.meta.url));
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it('the customer refuses to be moved: the platform ends leg 5, and the call goes on without us', async () => {
    await using scene = await CallScene.open({ world: { customer: { answers: { refusesReoffers: 488 } } } });
    const watched = await scene.createSession();
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false });
    await expectApi(scene, watched, {
      status: 'canceled',
      topology: 'restored',
      code: 'leg5_released',
      events: ['session.created', 'session.canceled', 'session.restoring', 'session.restored'],
      ending: { code: 'leg5_released', call_safe: true, leg: 'leg5_in' },
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await expectLadderSoon(
      () => legsApart(scene),
      new URL('./customer-not-moved.ladder.txt', import.meta.url),
    );
    await bothTalk(scene);
    await nothingOpen(scene);
  });
});
