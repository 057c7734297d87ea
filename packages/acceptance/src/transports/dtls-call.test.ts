import { describe, expect, it } from '@jest/globals';
import type { LegView } from '@sordino/core';
import type { DtlsForgery } from '@sordino/testkit';
import { bothTalk, expectApi, nothingOpen } from '../failures/support/aftermath.ts';
import { answerOf, CallScene, type SceneOptions } from '../scene/call-scene.ts';
import { payOnce } from './support/pay-once.ts';

const DTLS = { world: { srtp: 'dtls' }, platform: { crypto: 'dtls' } } as const satisfies SceneOptions;

/** A machine that has much to do takes its time over a whole call. */
const WHOLE_CALL_MS = 60_000;

/** What was said of legs that somebody came to who is not who the SDP said. */
const turnedAway = (events: readonly { type: string; data: Record<string, unknown> }[]): string[] =>
  events
    .filter(({ type }) => type === 'leg.updated')
    .map(({ data }) => data.leg as LegView)
    .filter(({ reason }) => reason?.startsWith('dtls_'))
    .map(({ role, reason }) => `${role} ${reason}`);

/** Sordino is the passive side of both legs; werift shakes hands as the customer and as the platform. */
describe('a call with DTLS-SRTP on legs 6 and 7', () => {
  it(
    'is paid, with keys as events and as tones, and handed back',
    async () => {
      await payOnce(DTLS, { how: { card_number: 'events', expiry: 'inband', cvc: 'both' } });
    },
    WHOLE_CALL_MS,
  );

  it.each(['customer', 'platform'] as const)(
    'is ready and handed back where leg 5 comes with an offer of the %s',
    async (offer) => {
      const leg5_media = offer === 'platform' ? 'customer_after_reinvite' : 'customer';
      await using scene = await CallScene.open({ ...DTLS, platform: { crypto: 'dtls', leg5_media } });
      const { session, follower } = await scene.readySession({}, {}, offer);
      answerOf(await scene.client.restore(session.id));
      await follower.until('session.restored');
      await bothTalk(scene);
    },
    WHOLE_CALL_MS,
  );

  it.each([
    ['other_certificate', 'fingerprint'],
    ['copied_certificate', 'certificate_verify'],
  ] as const satisfies readonly (readonly [DtlsForgery, string])[])(
    'goes back when who comes to leg 6 is a forger: %s',
    async (forgery, why) => {
      await using scene = await CallScene.open(DTLS);
      const watched = await scene.createSession();
      scene.world.parts.customer.rtp.forgeNextHandshake(forgery);
      const diverted = scene.divert(watched.session);
      await expectApi(scene, watched, {
        status: 'failed',
        topology: 'restored',
        code: 'handshake_refused',
        events: ['session.created', 'session.failed', 'session.restoring', 'session.restored'],
        ending: { code: 'handshake_refused', call_safe: true, leg: 'leg6_media' },
      });
      await diverted;
      expect(turnedAway(watched.follower.events)[0]).toBe(`leg6_media dtls_${why}`);
      await bothTalk(scene);
      await nothingOpen(scene);
    },
    WHOLE_CALL_MS,
  );

  it(
    'goes back when who comes to leg 7 is a forger: the agent would hear nothing',
    async () => {
      await using scene = await CallScene.open(DTLS);
      const watched = await scene.createSession();
      const diverted = scene.divert(watched.session, { forgesLeg7: 'other_certificate' });
      await expectApi(scene, watched, {
        status: 'failed',
        topology: 'restored',
        code: 'handshake_refused',
        events: ['session.created', 'session.failed', 'session.restoring', 'session.restored'],
        ending: { code: 'handshake_refused', call_safe: true, leg: 'leg7_out' },
      });
      await diverted;
      expect(turnedAway(watched.follower.events)[0]).toBe('leg7_out dtls_fingerprint');
      await bothTalk(scene);
      await nothingOpen(scene);
    },
    WHOLE_CALL_MS,
  );
});
