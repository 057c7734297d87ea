import { describe, expect, it } from '@jest/globals';
import { startLocalWorld } from './local-world.ts';
import { hears, Scene } from './scene.ts';

describe('a plain call through the simulated platform', () => {
  it('lets customer and agent hear each other', async () => {
    await using scene = await Scene.open();
    await scene.untilBothTalk();
    const { customer, agent } = await scene.world.reports();
    expect(customer.codec).toBe('PCMU');
    // The platform anchors: each phone hears one stream, from the platform.
    expect(customer.heardStreams).toHaveLength(1);
    expect(agent.heardStreams).toHaveLength(1);
    expect(customer.heardStreams[0]?.source).not.toBe(agent.media);
  });

  it.each(['events', 'inband', 'both'] as const)('brings keys pressed as %s to the agent', async (how) => {
    await using scene = await Scene.open({ world: { codec: 'PCMA' } });
    await scene.world.customer.press('4*', { how });
    await hears(scene.agent, scene.customer);
    const { agent, customer } = await scene.world.reports();
    expect(customer.keys.map(({ key }) => key)).toEqual(['4', '*']);
    const events = agent.heardStreams.reduce((sum, { payloadTypes }) => sum + (payloadTypes[101] ?? 0), 0);
    expect(events > 0).toBe(how !== 'inband');
  });

  it('is held and resumed by the customer', async () => {
    await using scene = await Scene.open();
    await scene.untilBothTalk();
    expect(await scene.world.customer.hold()).toBe(200);
    const packets = scene.agent.rtp.heard.packets.length;
    expect(await scene.world.customer.resume()).toBe(200);
    await scene.untilBothTalk();
    expect(scene.agent.rtp.heard.packets.length).toBeGreaterThan(packets);
  });

  it('ends for both when one hangs up', async () => {
    await using scene = await Scene.open();
    const ended = scene.world.customer.untilEnded();
    await scene.world.agent.hangUp();
    await ended;
    await scene.world.platform.untilEnded();
    // And the phones are free for the next call.
    expect(await scene.world.customer.call()).toEqual({ answered: true });
  });

  it('is refused as the agent refuses it', async () => {
    await using world = await startLocalWorld({ agent: { answers: { refuses: 486 } } });
    expect(await world.customer.call()).toEqual({ answered: false, status: 486, how: 'rejected' });
  });

  it('is given up by a customer who hangs up while it rings', async () => {
    await using world = await startLocalWorld({ agent: { answers: { afterMs: 5_000 } } });
    const outcome = world.customer.call();
    await world.parts.platform.nextCall();
    await world.customer.hangUp();
    expect(await outcome).toMatchObject({ answered: false, how: 'canceled' });
  });
});
