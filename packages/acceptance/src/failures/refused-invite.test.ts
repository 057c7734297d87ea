import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { SessionId } from '@sordino/core';
import { CALLS_MAX } from '@sordino/interception';
import { aSessionBody, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen, worksAgain } from './support/aftermath.ts';
import { Prober } from './support/prober.ts';
import { askOptions } from './support/sip-options.ts';
import { takePorts } from './support/taken-ports.ts';
import { lastHeader } from './support/wire.ts';

/** RFC 4568: SDES and nothing else. */
const SRTP_ONLY = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/SAVP 0 101',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj',
  '',
].join('\r\n');

/** Before the commit point every failure is a refused INVITE, and the call is as it was. */
describe('leg 5 refused for what it asks', () => {
  it('no common codec: 488 with a Warning', async () => {
    // The call is spoken in A-law; this Sordino takes only u-law.
    await using scene = await CallScene.open({ world: { codec: 'PCMA' }, platform: { codecs: ['PCMU'] } });
    const watched = await scene.createSession();
    const outcome = await scene.divert(watched.session, {}, 'customer');
    expect(outcome).toMatchObject({ engaged: false, status: 488 });
    await expectLadderSoon(() => scene.ladder(), new URL('./no-common-codec.ladder.txt', import.meta.url));
    expect(lastHeader(scene, 'SIP/2.0 488', 'Warning')).toMatch(/^305 sordino ".*PCMU.*"$/);
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'original',
      code: 'no_common_codec',
      events: ['session.created', 'session.failed'],
      ending: {
        code: 'no_common_codec',
        call_safe: true,
        leg: 'leg5_in',
        sip: expect.objectContaining({ status: 488 }),
      },
    });
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
    // The call makes room for a next session; that it could be spoken in is another platform's profile.
    const next = await scene.client.create(aSessionBody(), randomUUID());
    expect(next.ok).toBe(true);
  });

  it('an offer of SRTP only: 488 with a Warning, for leg 7 could not be made of it', async () => {
    await using scene = await CallScene.open();
    await using prober = await Prober.open();
    const watched = await scene.createSession();
    const refusal = await prober.invite(watched.session.rendezvous?.sip_uri ?? '', SRTP_ONLY);
    expect(refusal.status).toBe(488);
    expect(refusal.header('Warning')[0]).toMatch(/^399 sordino ".*"$/);
    await expectLadderSoon(() => prober.ladder(), new URL('./srtp-only.ladder.txt', import.meta.url));
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'original',
      code: 'no_common_codec',
      events: ['session.created', 'session.failed'],
      ending: { call_safe: true, leg: 'leg5_in' },
    });
    await bothTalk(scene);
    await nothingOpen(scene);
    await worksAgain(scene);
  });

  it.each([
    ['no audio at all', SRTP_ONLY.replace('m=audio 40000 RTP/SAVP 0 101', 'm=video 40000 RTP/AVP 31')],
    ['a description that is none', 'v=0\r\nthis is no session description\r\n'],
  ])('%s: 488 with a Warning', async (_what, offer) => {
    await using scene = await CallScene.open();
    await using prober = await Prober.open();
    const watched = await scene.createSession();
    const refusal = await prober.invite(watched.session.rendezvous?.sip_uri ?? '', offer);
    expect(refusal.status).toBe(488);
    expect(refusal.header('Warning')[0]).toMatch(/^(304|399) sordino ".+"$/);
    await expectApi(scene, watched, {
      status: 'failed',
      topology: 'original',
      code: 'bad_sdp',
      events: ['session.created', 'session.failed'],
      ending: { call_safe: true },
    });
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it('no media ports left: 503 with Retry-After', async () => {
    const taken = await takePorts();
    try {
      await using scene = await CallScene.open({ mediaPorts: taken });
      const watched = await scene.createSession();
      expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status: 503 });
      await expectLadderSoon(() => scene.ladder(), new URL('./no-media-ports.ladder.txt', import.meta.url));
      expect(lastHeader(scene, 'SIP/2.0 503', 'Retry-After')).toBe('5');
      await expectApi(scene, watched, {
        status: 'failed',
        topology: 'original',
        code: 'overloaded',
        events: ['session.created', 'session.failed'],
        ending: { code: 'overloaded', call_safe: true, leg: 'leg5_in' },
      });
      await scene.world.platform.untilOver();
      await bothTalk(scene);
      await nothingOpen(scene);
      await taken.release();
      await worksAgain(scene);
    } finally {
      await taken.release();
    }
  });

  it('as many calls as it takes: 503 on create and to OPTIONS, and those that wait are served', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession();
    const { interceptor } = scene.sordino.parts;
    const others = Array.from({ length: CALLS_MAX - 1 }, (_, index) => ({
      session: `ses_other${index}` as SessionId,
      call: { platform: 'plt_main', call_id: `other-${index}` },
      start: 'await_invite' as const,
      timeoutMs: 60_000,
      mask: { style: 'silence', hold: 'per_key' } as const,
      sealTo: new Uint8Array(32),
    }));
    for (const other of others) expect(interceptor.expect(other).ok).toBe(true);
    expect(await askOptions(scene)).toMatchObject({ status: 503 });
    const { call } = watched.session;
    expect(
      await scene.client.create(aSessionBody({ call: { ...call, call_id: 'e-92' } }), randomUUID()),
    ).toMatchObject({
      ok: false,
      status: 503,
      error: { code: 'overloaded', retryable: true, call_safe: true },
    });
    expect(await scene.divert(watched.session)).toMatchObject({ engaged: true });
    for (const { session } of others) interceptor.restore(session, 'canceled');
    expect(await askOptions(scene)).toMatchObject({ status: 200 });
    interceptor.restore(watched.session.id, 'requested');
    await scene.world.platform.untilOver();
    await bothTalk(scene);
    await nothingOpen(scene);
  });

  it('going down: 503 on INVITE, on create and to OPTIONS', async () => {
    await using scene = await CallScene.open();
    const watched = await scene.createSession({ start: { timeout_ms: 1_000 } });
    expect(await askOptions(scene)).toMatchObject({ status: 200 });
    scene.sordino.parts.interceptor.drain();

    expect(await scene.divert(watched.session)).toMatchObject({ engaged: false, status: 503 });
    await expectLadderSoon(() => scene.ladder(), new URL('./draining.ladder.txt', import.meta.url));
    expect(lastHeader(scene, 'SIP/2.0 503', 'Retry-After')).toBe('5');
    expect(await askOptions(scene)).toMatchObject({ status: 503 });
    const { call } = watched.session;
    expect(
      await scene.client.create(aSessionBody({ call: { ...call, call_id: 'e-92' } }), randomUUID()),
    ).toMatchObject({
      ok: false,
      status: 503,
      error: { code: 'draining', retryable: true, call_safe: true },
    });
    // The session was never begun: nobody comes for it any more.
    await expectApi(scene, watched, {
      status: 'expired',
      topology: 'original',
      code: 'no_invite',
      events: ['session.created', 'session.expired'],
      ending: { call_safe: true },
    });
    await bothTalk(scene);
    await nothingOpen(scene);
  });
});
