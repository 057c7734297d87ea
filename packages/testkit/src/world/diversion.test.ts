import { describe, expect, it } from '@jest/globals';
import { gapMs } from '../measure/gap.ts';
import type { DivertRequest, Leg5Offer } from '../platform/divert-request.ts';
import { readSdp } from '../platform/sdp.ts';
import { hostMsOfUnix } from '../rtp/host-clock.ts';
import { Scene, until } from './scene.ts';

/** How a platform may come by the same end. */
const WAYS: readonly (readonly [string, Partial<DivertRequest>])[] = [
  ['a-1: no offer on leg 5', { offer: 'none' }],
  ['a-2: the customer is asked first', { offer: 'customer' }],
  ['a-2: the ACK to the customer waits', { offer: 'customer', behaviour: { customerSdp: 'ask_and_hold' } }],
  ['a-2: with what the customer said last', { offer: 'customer', behaviour: { customerSdp: 'last' } }],
  ['a-3: the address is swapped later', { offer: 'platform' }],
  ['a-3: swapped twice', { offer: 'platform', behaviour: { swapsTwice: true } }],
  ['a-1 over TCP', { offer: 'none', transport: 'tcp' }],
  ['leg 7 rings and is late', { offer: 'none', behaviour: { ringsLeg7: true, leg7AnswerDelayMs: 200 } }],
];

describe('a diversion by the simulated platform', () => {
  it.each(WAYS)('%s: engages, restores, and does it again', async (_way, request) => {
    await using scene = await Scene.open();
    const { platform } = scene.world;
    for (const cycle of [1, 2]) {
      const outcome = await platform.divert(scene.request({ ...request, token: `tok_${cycle}` }));
      expect(outcome).toMatchObject({ engaged: true, cycle });
      const { engagement } = scene.interceptor;
      const heardBefore = engagement.customerPackets;
      await scene.untilBothTalk();
      expect(engagement.customerPackets).toBeGreaterThan(heardBefore);

      engagement.release();
      expect(await platform.untilOver()).toMatchObject({ cycle, how: 'restored' });
      const { customerPackets } = engagement;
      await scene.untilBothTalk();
      expect(engagement.customerPackets).toBe(customerPackets);
    }
    const report = await platform.report();
    expect(report.legs.map(({ role, cycle, states }) => [role, cycle, states.at(-1)?.state])).toEqual(
      expect.arrayContaining([
        ['leg4_customer', 2, 'terminated'],
        ['leg5_in', 2, 'terminated'],
        ['leg7_out', 2, 'terminated'],
        ['leg8_agent', 2, 'terminated'],
      ]),
    );
  });

  it.each<[Leg5Offer, (sdp: string | undefined, scene: Scene) => void]>([
    ['none', (sdp) => expect(sdp).toBeUndefined()],
    ['customer', (sdp, scene) => expect(readSdp(sdp ?? '')).toMatchObject({ rtp: scene.customer.rtp.rtp })],
    [
      'platform',
      (sdp, { customer, interceptor }) => {
        expect(readSdp(sdp ?? '')).not.toMatchObject({ rtp: customer.rtp.rtp });
        expect(interceptor.engagement.leg5Offers.map((offer) => readSdp(offer ?? ''))).toEqual([
          expect.objectContaining({ rtp: customer.rtp.rtp }),
        ]);
      },
    ],
  ])('with offer %s the INVITE names the right media', async (offer, check) => {
    await using scene = await Scene.open();
    await scene.world.platform.divert(scene.request({ offer }));
    check(scene.interceptor.engagement.invite.sdp, scene);
  });

  it('keeps the agent on the old path until leg 7 speaks, so that nobody hears a hole', async () => {
    await using scene = await Scene.open();
    await scene.untilBothTalk();
    const outcome = await scene.world.platform.divert(scene.request());
    if (!outcome.engaged) throw new Error(outcome.reason);
    await scene.untilBothTalk();
    scene.interceptor.engagement.release();
    const end = await scene.world.platform.untilOver();
    await scene.untilBothTalk();
    const { agent, customer } = await scene.world.reports();
    const toCustomer = (atMs: number): number =>
      gapMs(customer.heard, hostMsOfUnix(atMs) - 300, hostMsOfUnix(atMs) + 300);
    const toAgent = (atMs: number): number =>
      gapMs(agent.heard, hostMsOfUnix(atMs) - 300, hostMsOfUnix(atMs) + 300);
    // One stream to the agent all along: what changes is where it comes from.
    expect(agent.heardStreams).toHaveLength(1);
    expect(agent.heard.present.length).toBeGreaterThan(0);
    for (const gap of [
      toAgent(outcome.at_ms),
      toAgent(end.at_ms),
      toCustomer(outcome.at_ms),
      toCustomer(end.at_ms),
    ]) {
      expect(gap).toBeLessThan(150);
    }
  });

  it('answers leg 7 only after leg 5 where the platform is one of those', async () => {
    await using scene = await Scene.open({ interceptor: { answersAtOnce: true } });
    const behaviour = { takesLeg7BeforeAnswer: false };
    const outcome = await scene.world.platform.divert(scene.request({ behaviour }));
    expect(outcome).toMatchObject({ engaged: true });
    const { legs } = await scene.world.platform.report();
    const confirmedAt = (role: string): number =>
      legs.find((leg) => leg.role === role)?.states.find(({ state }) => state === 'confirmed')?.at_ms ?? 0;
    expect(confirmedAt('leg7_out')).toBeGreaterThan(confirmedAt('leg5_in'));
    await scene.untilBothTalk();
  });

  it('proxies the customer where the platform never swaps', async () => {
    await using scene = await Scene.open();
    const behaviour = { proxiesCustomer: true };
    expect(await scene.world.platform.divert(scene.request({ offer: 'platform', behaviour }))).toMatchObject({
      engaged: true,
    });
    await scene.untilBothTalk();
    expect(scene.interceptor.engagement.leg5Offers).toEqual([]);
    expect((await scene.world.customer.report()).heardStreams).toHaveLength(1);
    scene.interceptor.engagement.release();
    await scene.world.platform.untilOver();
    await scene.untilBothTalk();
  });

  it('captures what comes in on leg 7, and has no key among it', async () => {
    await using scene = await Scene.open();
    await scene.world.platform.divert(scene.request());
    await scene.world.customer.press('42', { how: 'events' });
    const { engagement } = scene.interceptor;
    await until('the events have come', () => engagement.eventPackets > 10);
    const { leg7 } = await scene.world.platform.report();
    expect(Object.keys(leg7.byPayloadType)).toEqual(['0']);
    expect(leg7.offers.map((offer) => readSdp(offer))).toEqual([
      expect.objectContaining({ eventPayloadType: undefined }),
    ]);
    const packets = await scene.world.platform.leg7Packets();
    expect(packets.length).toBe(leg7.rtpPackets + leg7.rtcpPackets);
    expect(packets[0]).toMatchObject({ kind: 'rtp', cycle: 1 });
  });

  it('shows the states of the legs as they happen', async () => {
    await using scene = await Scene.open();
    const seen: string[] = [];
    scene.world.platform.onLegState(({ role, change }) => seen.push(`${role} ${change.state}`));
    await scene.world.platform.divert(scene.request());
    scene.interceptor.engagement.release();
    await scene.world.platform.untilOver();
    const of = (role: string): string[] =>
      seen.filter((line) => line.startsWith(role)).map((line) => line.split(' ')[1] ?? '');
    expect(of('leg4_customer')).toEqual(['inviting', 'confirmed', 'terminating', 'terminated']);
    expect(of('leg5_in')).toEqual(['inviting', 'confirmed', 'terminated']);
    expect(of('leg7_out')).toEqual(['inviting', 'confirmed', 'media_up', 'terminated']);
    expect(of('leg8_agent')).toEqual(['inviting', 'media_up', 'terminated']);
  });
});
