import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LegView } from '@sordino/core';
import type { SipLeg } from '@sordino/interception';
import { answerOf, CallScene } from '../scene/call-scene.ts';
import { bothTalk, expectApi, expectLadderSoon, nothingOpen, type Watched } from './support/aftermath.ts';
import { eventually } from './support/eventually.ts';
import { keysHeardByAgent } from './support/keys-heard.ts';
import { SordinoLadder } from './support/sordino-ladder.ts';

/** Longer than the 2 s after which silence is a stall: on hold it is none. */
const HOLD_MS = 2_500;

/** One engaged call after the other in one scene; each is answered, never unmasked, and handed back at the end. */
describe('while engaged, the platform sends', () => {
  let scene: CallScene;
  let watched: Watched;
  const ladder = new SordinoLadder();

  beforeAll(async () => {
    scene = await CallScene.open({ trace: ladder.trace });
  });

  afterAll(() => scene[Symbol.asyncDispose]());

  async function engaged(): Promise<void> {
    ladder.start();
    watched = await scene.readySession();
  }

  /** The payment was not touched, no key got through, and the call goes back as ever. */
  async function unharmed(name: string): Promise<void> {
    const keyed = scene.world.parts.customer.report().keys.length;
    await scene.world.customer.press('159', { how: 'both' });
    await expectApi(scene, watched, {
      status: 'ready',
      topology: 'engaged',
      code: null,
      events: ['session.created', 'session.engaged', 'session.ready'],
    });
    answerOf(await scene.client.restore(watched.session.id));
    await watched.follower.until('session.restored');
    await scene.world.platform.untilOver();
    expect(await keysHeardByAgent(scene, keyed)).toEqual({ tones: [], events: [] });
    await expectLadderSoon(() => ladder.shape(), new URL(`./${name}.ladder.txt`, import.meta.url));
    await bothTalk(scene);
    await nothingOpen(scene);
  }

  const legs = async (): Promise<readonly LegView[]> =>
    answerOf(await scene.client.legs(watched.session.id)).data;
  const stateOf = async (role: LegView['role']): Promise<string | undefined> =>
    (await legs()).find((leg) => leg.role === role)?.state;
  const remoteOf = async (role: LegView['role']): Promise<string | null | undefined> =>
    (await legs()).find((leg) => leg.role === role)?.media?.remote;

  it('a hold on leg 5, longer than a stall: no alarm, no end, and audio again afterwards', async () => {
    await engaged();
    expect(await scene.world.customer.hold()).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
    expect(await stateOf('leg6_media')).toBe('media_up');
    expect(await scene.world.customer.resume()).toBe(200);
    await unharmed('hold-leg5');
  });

  it('a hold on leg 7', async () => {
    await engaged();
    expect(await scene.world.platform.hold('leg7', 'inactive')).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
    expect(await stateOf('leg7_out')).toBe('media_up');
    expect(await scene.world.platform.hold('leg7', 'sendrecv')).toBe(200);
    await unharmed('hold-leg7');
  });

  it('a connected-line update on leg 7', async () => {
    await engaged();
    expect(await scene.world.platform.updateConnectedLine()).toBe(200);
    await unharmed('connected-line');
  });

  it.each(['leg5', 'leg7'] as const)('a new address on %s, and the old one again', async (which) => {
    await engaged();
    const { diversion } = scene.world.parts.platform.call;
    const leg = which === 'leg5' ? diversion.leg5 : diversion.leg7?.leg;
    if (leg === undefined) throw new Error(`${which} is not up`);
    const role = which === 'leg5' ? 'leg6_media' : 'leg7_out';
    const before = await remoteOf(role);
    const sdp = descriptionOf(leg, scene);
    expect(await leg.reoffer(movedTo(sdp, 40_000))).toMatchObject({ ok: true });
    await eventually(async () => expect(await remoteOf(role)).toBe('127.0.0.1:40000'));
    expect(await leg.reoffer(movedTo(sdp, Number(before?.split(':')[1])))).toMatchObject({ ok: true });
    await eventually(async () => expect(await remoteOf(role)).toBe(before));
    await unharmed(`new-address-${which}`);
  });

  it.each(['leg5', 'leg7'] as const)('a REFER on %s: 603', async (which) => {
    await engaged();
    expect(await scene.world.platform.refer(which, 'sip:elsewhere@127.0.0.1')).toBe(603);
    // The platform's stack does not know of a REFER by hand: its next request has the same CSeq, and RFC 3261 §12.2.2 wants 500.
    if (which === 'leg7') expect(await scene.world.platform.updateConnectedLine()).toBe(500);
    await unharmed(`refer-${which}`);
  });

  it.each(['leg5', 'leg7'] as const)(
    'on %s one re-INVITE after the other: nothing new, fewer codecs, held the old way, without an offer',
    async (which) => {
      await engaged();
      const { diversion } = scene.world.parts.platform.call;
      const leg = which === 'leg5' ? diversion.leg5 : diversion.leg7?.leg;
      if (leg === undefined) throw new Error(`${which} is not up`);
      const sdp = descriptionOf(leg, scene);
      const answerTo = async (offer: string): Promise<string> => {
        const outcome = await leg.reoffer(offer);
        if (!outcome.ok || outcome.sdp === undefined)
          throw new Error(`refused with ${JSON.stringify(outcome)}`);
        return outcome.sdp;
      };
      // RFC 3264 §8: the same version where nothing changed, in whatever number they come.
      const first = await answerTo(sdp);
      expect(await answerTo(sdp)).toBe(first);
      const port = /^m=audio (\d+)/m.exec(first)?.[1];
      const pcmuOnly = sdp
        .replace(/^(m=audio \d+ RTP\/AVP) .*$/m, '$1 0')
        .replace(/^a=(?:rtpmap|fmtp):(?!0 ).*\r\n/gm, '');
      const fewer = await answerTo(newVersion(pcmuOnly, 1));
      expect(fewer).toMatch(new RegExp(`^m=audio ${port} RTP/AVP 0\r$`, 'm'));
      // RFC 3264 §8.4, as RFC 2543 had it.
      const held = await answerTo(newVersion(sdp.replace(/^c=IN IP4 .*$/m, 'c=IN IP4 0.0.0.0'), 2));
      expect(held).toMatch(/^a=(?:recvonly|inactive)\r$/m);
      const offered = await leg.reoffer(undefined);
      if (!offered.ok || offered.sdp === undefined) throw new Error('an offerless re-INVITE was refused');
      expect(offered.sdp).toMatch(new RegExp(`^m=audio ${port} `, 'm'));
      offered.acknowledge(newVersion(sdp, 3));
      await unharmed(`reinvites-${which}`);
    },
  );

  it('a re-INVITE that has nothing in common: 488, and the media stands', async () => {
    await engaged();
    const { diversion } = scene.world.parts.platform.call;
    const leg = diversion.leg5;
    if (leg === undefined) throw new Error('leg 5 is not up');
    const opus = descriptionOf(leg, scene)
      .replace(/^m=audio (\d+) RTP\/AVP .*$/m, 'm=audio $1 RTP/AVP 102')
      .replace(/^a=rtpmap:.*\r\n/gm, '')
      .replace(/^a=fmtp:.*\r\n/gm, '');
    expect(await leg.reoffer(`${opus}a=rtpmap:102 opus/48000/2\r\n`)).toEqual({ ok: false, status: 488 });
    await unharmed('reinvite-refused');
  });
});

/** What the platform said last on a leg, to say it again with one thing changed. */
function descriptionOf(leg: SipLeg, scene: CallScene): string {
  const said = scene.world.parts.platform
    .report()
    .sip.filter(({ direction, text }) => direction === 'out' && text.includes(leg.callId))
    .map(({ text }) => text.slice(text.indexOf('\r\n\r\n') + 4))
    .filter((body) => body.startsWith('v=0'));
  const last = said.at(-1);
  if (last === undefined) throw new Error('nothing was said on this leg');
  return last;
}

/** RFC 3264 §8: a changed description has the next version in `o=`. */
const newVersion = (sdp: string, by: number): string =>
  sdp.replace(
    /^(o=\S+ \S+) (\d+)/m,
    (_line, start: string, version: string) => `${start} ${Number(version) + by}`,
  );

const movedTo = (sdp: string, port: number): string =>
  newVersion(sdp, port)
    .replace(/^m=audio \d+/m, `m=audio ${port}`)
    .replace(/^a=rtcp:\d+/m, `a=rtcp:${port + 1}`);
