import { describe, expect, it, jest } from '@jest/globals';
import type { LegView } from '@sordino/core';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen, worksAgain } from './support/aftermath.ts';
import { eventually } from './support/eventually.ts';
import { keysHeardByAgent } from './support/keys-heard.ts';
import { legsApart, withSordino } from './support/legs-apart.ts';

/** Refreshed after 6 s, given up after 7.2 s: the machine may stand still for a second. */
const EXPIRES_S = 12;
/** Given up after 9.6 s, of which 1.6 s are for the refresh: that of leg 7, which must not fail first, comes with it. */
const BOTH_EXPIRE_S = 16;
const open = (expires_s: number): Promise<CallScene> =>
  CallScene.open({ sessionTimer: { expires_s, min_se_s: 2 }, world: { platform: { minSeS: 2 } } });

/** Sessions that live for 6 s at least, and another payment after each. */
jest.setTimeout(40_000);

describe('while engaged, Sordino refreshes the session', () => {
  it('of both legs, and the platform takes it: nobody notices', async () => {
    await using scene = await open(EXPIRES_S);
    const watched = await scene.readySession();
    const updates = (): string[] =>
      withSordino(scene)
        .filter(({ direction, text }) => direction === 'in' && text.startsWith('UPDATE '))
        .map(({ text }) => text);
    await eventually(() => expect(updates()).toHaveLength(2));
    for (const update of updates())
      expect(update).toContain(`\r\nSession-Expires: ${EXPIRES_S};refresher=uac\r\n`);
    await expectApi(scene, watched, {
      status: 'ready',
      topology: 'engaged',
      code: null,
      events: ['session.created', 'session.engaged', 'session.ready'],
    });
    answerOf(await scene.client.restore(watched.session.id));
    await watched.follower.until('session.restored');
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it('of leg 7 by re-INVITE, and the answer has another key of the platform: both hear each other', async () => {
    await using scene = await CallScene.open({
      sessionTimer: { expires_s: EXPIRES_S, min_se_s: 2 },
      world: { srtp: 'sdes', platform: { minSeS: 2 } },
      platform: { crypto: 'sdes' },
    });
    // Only leg 7: RFC 3311 §5.3 lets a platform do without UPDATE.
    const watched = await scene.readySession(
      {},
      { leg5SessionTimer: { expiresS: 60, minSeS: 2 }, refreshStatus: { leg7: 405 }, renewsLeg7Key: true },
    );
    // The trace has no keys; the version of a description says that something in it is another (RFC 3264 §8).
    const described = (): readonly string[] => [
      ...new Set(
        withSordino(scene)
          .filter(({ direction, text }) => direction === 'out' && /^SIP\/2.0 200/.test(text))
          .flatMap(({ text }) => text.match(/^o=.*$/m) ?? []),
      ),
    ];
    await eventually(() => expect(described().length).toBeGreaterThan(1));
    await bothTalk(scene);
    answerOf(await scene.client.restore(watched.session.id));
    await watched.follower.until('session.restored');
    await bothTalk(scene);
  });

  describe.each(['leg5', 'leg7'] as const)('and on %s', (which) => {
    it.each([
      ['the platform knows nothing of it', 481, '481'],
      ['the platform timed out', 408, '408'],
      ['the platform refuses until it is too late', 500, 'late'],
    ])('%s: degraded, then the call goes back', async (_, status, name) => {
      await using scene = await open(which === 'leg7' ? EXPIRES_S : BOTH_EXPIRE_S);
      // Leg 5 is left alone where leg 7 fails: which of two UPDATEs goes first is the machine's to say.
      const quietLeg5 = which === 'leg7' ? { leg5SessionTimer: { expiresS: 120, minSeS: 2 } } : {};
      const watched = await scene.readySession({}, { refreshStatus: { [which]: status }, ...quietLeg5 });
      const keyed = scene.world.parts.customer.report().keys.length;
      const role = which === 'leg5' ? 'leg5_in' : 'leg7_out';
      const reason = name === 'late' ? 'no session refresh in time' : `session refresh: ${status}`;
      await scene.world.customer.press('159', { how: 'both' });
      await watched.follower.until('session.degraded');
      await expectApi(scene, watched, {
        status: 'failed',
        topology: 'restored',
        code: `${which}_lost`,
        events: [
          'session.created',
          'session.engaged',
          'session.ready',
          'session.degraded',
          'session.failed',
          'session.restoring',
          'session.restored',
        ],
        ending: { code: `${which}_lost`, call_safe: true, leg: role },
      });
      const degraded = watched.follower.events.find(({ type }) => type === 'session.degraded');
      expect(degraded?.data).toMatchObject({ reason });
      const failed = watched.follower.events
        .filter(({ type }) => type === 'leg.updated')
        .map(({ data }) => data.leg as LegView)
        .find((leg) => leg.role === role && leg.state === 'failed');
      expect(failed?.reason).toBe(reason);
      await scene.world.platform.untilOver();
      expect(await keysHeardByAgent(scene, keyed)).toEqual({ tones: [], events: [] });
      const ladder = new URL(`./refresh-${which}-${name}.ladder.txt`, import.meta.url);
      await expectLadderSoon(() => legsApart(scene), ladder);
      await bothTalk(scene);
      await nothingOpen(scene);
      await worksAgain(scene);
    });
  });
});
