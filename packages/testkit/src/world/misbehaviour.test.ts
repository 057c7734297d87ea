import { describe, expect, it } from '@jest/globals';
import { simSip } from '../phone/open-sim-sip.ts';
import { Scene, until } from './scene.ts';

/** What a platform may get wrong, or the people do at the wrong moment: whatever it is, those who are left can talk. */
describe('a simulated platform that misbehaves', () => {
  it('refuses leg 7: leg 5 is refused and nothing has moved', async () => {
    await using scene = await Scene.open();
    const behaviour = { refusesLeg7: 603 };
    const outcome = await scene.world.platform.divert(scene.request({ behaviour }));
    expect(outcome).toMatchObject({ engaged: false, cycle: 1, status: 503 });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'refused' });
    await scene.untilBothTalk();
    // And the call can be diverted again.
    expect(await scene.world.platform.divert(scene.request({ token: 'tok_2' }))).toMatchObject({
      engaged: true,
      cycle: 2,
    });
  });

  it('never answers leg 7: leg 5 is refused and leg 7 canceled', async () => {
    await using scene = await Scene.open({ interceptor: { leg7TimeoutMs: 300 } });
    const behaviour = { ignoresLeg7: true };
    expect(await scene.world.platform.divert(scene.request({ behaviour }))).toMatchObject({
      engaged: false,
      status: 503,
    });
    await scene.world.platform.untilOver();
    const { ends } = await scene.world.platform.report();
    expect(ends.find(({ role }) => role === 'leg7_out')?.end).toMatchObject({ by: 'peer', how: 'canceled' });
    await scene.untilBothTalk();
  });

  it('answers leg 7 when Sordino has given up', async () => {
    await using scene = await Scene.open({ interceptor: { leg7TimeoutMs: 200 } });
    const behaviour = { leg7AnswerDelayMs: 210 };
    const outcome = await scene.world.platform.divert(scene.request({ behaviour }));
    expect(outcome).toMatchObject({ engaged: false, status: 503 });
    await scene.world.platform.untilOver();
    await scene.untilBothTalk();
  });

  it.each([0, 30])('cancels leg 5 after %d ms', async (cancelsLeg5AfterMs) => {
    await using scene = await Scene.open();
    const behaviour = { cancelsLeg5AfterMs, leg7AnswerDelayMs: 500 };
    const outcome = await scene.world.platform.divert(scene.request({ behaviour }));
    expect(outcome).toMatchObject({ engaged: false, reason: expect.stringContaining('canceled') });
    await scene.untilBothTalk();
  });

  it('gives the customer its answer when leg 5 is refused while the customer waits', async () => {
    await using scene = await Scene.open();
    const behaviour = { customerSdp: 'ask_and_hold', refusesLeg7: 486 } as const;
    const outcome = await scene.world.platform.divert(scene.request({ offer: 'customer', behaviour }));
    expect(outcome).toMatchObject({ engaged: false });
    await scene.untilBothTalk();
  });

  it('never acknowledges leg 5', async () => {
    await using scene = await Scene.open();
    const behaviour = { neverAcksLeg5: true };
    void scene.world.platform.divert(scene.request({ behaviour }));
    await until(
      'the customer was moved',
      () => scene.world.parts.platform.calls[0]?.diversions[0]?.state === 'engaged',
    );
    const sip = (await scene.world.platform.report()).sip;
    const { port } = new URL(scene.interceptor.uri('x').replace('sip:x@', 'http://').split(';')[0] ?? '');
    const acks = sip.filter(
      ({ text, direction, flow }) =>
        direction === 'out' && text.startsWith('ACK') && flow.remote.port === Number(port),
    );
    expect(acks).toEqual([]);
    scene.interceptor.engagement.release();
    scene.interceptor.engagement.dropLeg7();
    await scene.world.platform.release();
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await scene.untilBothTalk();
  });

  it('cannot keep back an ACK that the stack sends by itself', async () => {
    await using scene = await Scene.open();
    const behaviour = { neverAcksLeg5: true };
    const outcome = await scene.world.platform.divert(scene.request({ offer: 'customer', behaviour }));
    expect(outcome).toMatchObject({ engaged: false, reason: expect.stringContaining('needs offer "none"') });
  });

  it.each(['none', 'customer', 'platform'] as const)('never moves the customer (offer %s)', async (offer) => {
    await using scene = await Scene.open({ interceptor: { mediaTimeoutMs: 300 } });
    const behaviour = { neverMovesCustomer: true };
    expect(await scene.world.platform.divert(scene.request({ offer, behaviour }))).toMatchObject({
      engaged: false,
    });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    expect(scene.interceptor.engagement.customerPackets).toBe(0);
    await scene.untilBothTalk();
  });

  it('never takes the customer back, until it does', async () => {
    await using scene = await Scene.open();
    const behaviour = { neverTakesCustomerBack: true };
    await scene.world.platform.divert(scene.request({ behaviour }));
    scene.interceptor.engagement.release();
    await until('leg 5 is gone', () => scene.world.parts.platform.call.diversion.state === 'restoring');
    // The interceptor lingers, and so do the people in it.
    await scene.untilBothTalk();
    const packets = scene.interceptor.engagement.customerPackets;
    await until(
      'the customer still sends there',
      () => scene.interceptor.engagement.customerPackets > packets,
    );
    await scene.world.platform.takeCustomerBack();
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await scene.untilBothTalk();
  });

  it('is left by the customer while engaged', async () => {
    await using scene = await Scene.open();
    const behaviour = { swapsBackBeforeBye: true };
    await scene.world.platform.divert(scene.request({ offer: 'platform', behaviour }));
    const offers = scene.interceptor.engagement.leg5Offers.length;
    const agentEnded = scene.world.agent.untilEnded();
    await scene.world.customer.hangUp();
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'call_ended' });
    await agentEnded;
    // The address came back to the platform just before the BYE.
    expect(scene.interceptor.engagement.leg5Offers).toHaveLength(offers + 1);
    const { ends } = await scene.world.platform.report();
    expect(ends.find(({ role }) => role === 'leg7_out')?.end).toMatchObject({ by: 'peer', how: 'bye' });
  });

  it.each([
    ['keep_customer', true],
    ['hang_up', false],
  ] as const)('is left by the agent while engaged (%s)', async (whenAgentLeaves, kept) => {
    await using scene = await Scene.open({ world: { platform: { whenAgentLeaves } } });
    await scene.world.platform.divert(scene.request());
    const customerEnded = scene.world.customer.untilEnded();
    await scene.world.agent.hangUp();
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    if (!kept) await customerEnded;
    expect(scene.customer.inCall).toBe(kept);
  });

  it('loses leg 7 while engaged: it ends leg 5 too, and restores', async () => {
    await using scene = await Scene.open();
    await scene.world.platform.divert(scene.request());
    scene.interceptor.engagement.dropLeg7();
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await scene.untilBothTalk();
  });

  it('lets its BYE cross the BYE of Sordino', async () => {
    await using scene = await Scene.open();
    await scene.world.platform.divert(scene.request());
    scene.interceptor.engagement.release();
    await scene.world.platform.release();
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await scene.untilBothTalk();
  });

  it('holds leg 5 and leg 7 and takes them off hold', async () => {
    await using scene = await Scene.open();
    const { platform } = scene.world;
    await platform.divert(scene.request());
    expect(await platform.hold('leg7', 'inactive')).toBe(200);
    expect(await platform.hold('leg7', 'sendrecv')).toBe(200);
    expect(await platform.hold('leg5', 'sendonly')).toBe(200);
    expect(await platform.hold('leg5', 'sendrecv')).toBe(200);
    expect(scene.interceptor.engagement.leg5Offers.map((sdp) => sdp?.match(/a=(send\w+)/)?.[1])).toEqual([
      'sendonly',
      'sendrecv',
    ]);
    await scene.untilBothTalk();
  });

  it('updates the connected line on leg 7', async () => {
    await using scene = await Scene.open();
    await scene.world.platform.divert(scene.request());
    expect(await scene.world.platform.updateConnectedLine()).toBe(200);
    await scene.untilBothTalk();
  });

  it.each(['leg5', 'leg7'] as const)('sends REFER on %s', async (leg) => {
    await using scene = await Scene.open();
    await scene.world.platform.divert(scene.request());
    expect(await scene.world.platform.refer(leg, 'sip:elsewhere@127.0.0.1')).toBe(603);
    await scene.untilBothTalk();
  });

  it('passes the hold of the customer on to leg 5', async () => {
    await using scene = await Scene.open();
    await scene.world.platform.divert(scene.request());
    expect(await scene.world.customer.hold()).toBe(200);
    expect(await scene.world.customer.resume()).toBe(200);
    expect(
      scene.interceptor.engagement.leg5Offers.map((sdp) => sdp?.match(/a=(inactive|sendrecv)/)?.[1]),
    ).toEqual(['inactive', 'sendrecv']);
    await scene.untilBothTalk();
  });

  it('invites twice at once: only one of the two is taken', async () => {
    await using scene = await Scene.open();
    const behaviour = { invitesTwice: true };
    expect(await scene.world.platform.divert(scene.request({ behaviour }))).toMatchObject({ engaged: true });
    const { diversion } = scene.world.parts.platform.call;
    await until('the second was answered', () => diversion.secondInvite !== undefined);
    expect(diversion.secondInvite).toMatchObject({ how: 'rejected', status: 404 });
  });

  it.each([
    ['an unknown token', 'tok_unknown'],
    ['a used token', 'tok_1'],
  ])('comes with %s: 404, and the call is untouched', async (_what, token) => {
    await using scene = await Scene.open();
    const { platform } = scene.world;
    await platform.divert(scene.request());
    scene.interceptor.engagement.release();
    await platform.untilOver();
    expect(await platform.divert(scene.request({ token }))).toMatchObject({ engaged: false, status: 404 });
    await scene.untilBothTalk();
  });

  it('has a customer who refuses to be moved', async () => {
    await using scene = await Scene.open({ world: { customer: { answers: { refusesReoffers: 488 } } } });
    expect(await scene.world.platform.divert(scene.request())).toMatchObject({ engaged: false });
    expect(await scene.world.platform.untilOver()).toMatchObject({ how: 'restored' });
    await scene.untilBothTalk();
  });

  it('refuses leg 7 that nobody waits for', async () => {
    await using scene = await Scene.open();
    const returnUri = scene.world.platform.returnUri.udp;
    const stranger = await simSip({ host: '127.0.0.1', name: 'stranger' })(() => ({
      ended: () => undefined,
    }));
    const end = await new Promise((ended) => {
      stranger.invite({ target: returnUri, offer: undefined, answerTimeoutMs: 2_000 }, { ended });
    });
    expect(end).toMatchObject({ how: 'rejected', status: 404 });
    await stranger.close();
  });

  it('does not divert one call twice at a time', async () => {
    await using scene = await Scene.open();
    await scene.world.platform.divert(scene.request());
    await expect(scene.world.platform.divert(scene.request({ token: 'tok_2' }))).rejects.toThrow(
      'diversion 1 is still engaged',
    );
  });
});
