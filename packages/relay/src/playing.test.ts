import { describe, expect, it } from '@jest/globals';
import { decodeG711 } from '@sordino/media';
import { TestCall } from './test-support/call.ts';
import { pressAsEvents } from './test-support/keypad.ts';
import { type HeardPacket, voice } from './test-support/phone.ts';
import { isSeamless, shapeOf } from './test-support/shape.ts';

/** Ten and a half frames of a ramp that no voice of these tests has. */
const WELCOME = Int16Array.from({ length: 1_680 }, (_, n) => -8_000 - (n % 400) * 20);
const FRAMES = 11;
const prompts = new Map([['welcome', WELCOME]]);

const isWelcome = ({ packet }: HeardPacket): boolean =>
  (decodeG711('PCMU', packet.payload)[0] ?? 0) <= -7_500;
const welcomeIn = (heard: readonly HeardPacket[]): HeardPacket[] => heard.filter(isWelcome);

describe('a prompt to the customer', () => {
  it('takes the place of the agent, whole and in the same stream, and gives it back', async () => {
    await using call = await TestCall.connected({ relay: { prompts } });
    const { customer, agent, bridge, ear } = call;
    const agentGoesOn = agent.talkUntil(bridge.clean.rtp, () => afterwards(customer.heard) >= 5);
    await customer.until(() => customer.audioHeard().length >= 3);
    expect(bridge.play('customer', 'welcome').ok).toBe(true);
    await ear.heard('finished welcome to customer');
    await agentGoesOn;
    const at = customer.heard.findIndex(isWelcome);
    const played = customer.heard.slice(at, at + FRAMES);
    const heard = played.flatMap(({ packet }) => [...decodeG711('PCMU', packet.payload)]);
    expect(heard).toHaveLength(FRAMES * 160);
    for (const [n, sample] of WELCOME.entries()) expect(Math.abs((heard[n] ?? 0) - sample)).toBeLessThan(600);
    expect(heard.slice(WELCOME.length).every((sample) => Math.abs(sample) < 10)).toBe(true);
    expect(welcomeIn(customer.heard)).toEqual(played);
    expect(isSeamless(customer.heard)).toBe(true);
    expect(shapeOf(customer.heard)).toMatchObject({ ssrcs: 1, sequenceSteps: [1] });
    // One frame after the other: no gap in the time of the stream either, through both seams.
    expect(shapeOf(played).timestampSteps).toEqual([160]);
    expect(played[0]?.packet.header.marker).toBe(true);
  });

  it('is stopped by another one, by us, and by the end of the bridge; each is told once', async () => {
    await using call = await TestCall.connected({ relay: { prompts } });
    const { bridge, ear, customer } = call;
    bridge.stopPlaying('customer');
    bridge.play('customer', 'flat_tone');
    await customer.until(() => customer.heard.length >= 3);
    bridge.play('customer', 'welcome');
    await ear.heard('stopped flat_tone to customer');
    bridge.stopPlaying('customer');
    bridge.stopPlaying('customer');
    await ear.heard('stopped welcome to customer');
    bridge.play('customer', 'flat_tone');
    await bridge.close();
    expect(ear.told.filter((told) => told.includes(' to '))).toEqual([
      'stopped flat_tone to customer',
      'stopped welcome to customer',
      'stopped flat_tone to customer',
    ]);
    expect(bridge.play('customer', 'no such prompt')).toEqual({ ok: false, problem: 'unknown_prompt' });
  });

  it('passes while the customer is on hold, and nothing is sent', async () => {
    await using call = await TestCall.connected({ relay: { prompts } });
    call.bridge.setPeer('customer', { ...call.customerDescription(), direction: 'inactive' });
    call.bridge.play('customer', 'welcome');
    await call.ear.heard('finished welcome to customer');
    expect((await call.bridge.figures()).customer.packets_out).toBe(0);
  });

  it('has the law and the packet time of the customer', async () => {
    await using call = await TestCall.open({ relay: { prompts }, customerCodec: 'PCMA' });
    call.bridge.setPeer('customer', { ...call.customerDescription(), packetTimeMs: 30 });
    call.bridge.play('customer', 'welcome');
    await call.ear.heard('finished welcome to customer');
    await call.customer.until(() => call.customer.heard.length === 7);
    for (const { packet } of call.customer.heard) {
      expect(packet.header.payloadType).toBe(8);
      expect(packet.payload).toHaveLength(240);
      expect(decodeG711('PCMA', packet.payload)[0]).toBeLessThan(-7_500);
    }
  });
});

describe('a prompt to the agent', () => {
  it('is put into the frames that leave: keys beneath it are captured, and the stream has no seam', async () => {
    await using call = await TestCall.connected({ relay: { prompts } });
    const { customer, agent, bridge, ear, vault } = call;
    await customer.talkUntil(bridge.customer.rtp, () => agent.audioHeard().length >= 3);
    bridge.play('clean', 'flat_tone');
    await bridge.figures();
    const before = agent.heard.length;
    await pressAsEvents(customer, bridge.customer.rtp, 7);
    await customer.talkUntil(
      bridge.customer.rtp,
      () => ear.keys.length === 1 && agent.heard.length > before + 20,
    );
    bridge.stopPlaying('clean');
    await ear.heard('stopped flat_tone to clean');
    const during = agent.heard.slice(before + 1, before + 20);
    expect(during.flatMap(({ packet }) => [...packet.payload]).some((code) => code === voice()[0])).toBe(
      false,
    );
    expect(await vault.open(ear.keys[0] ?? never())).toBe(7);
    const voicesThen = agent.audioHeard().length;
    await customer.talkUntil(bridge.customer.rtp, () => agent.audioHeard().length > voicesThen + 3);
    expect(isSeamless(agent.heard)).toBe(true);
    expect(shapeOf(agent.heard)).toMatchObject({
      ssrcs: 1,
      sequenceSteps: [1],
      timestampSteps: [160],
    });
  });

  it('before the customer is here it takes the place of the comfort noise, and is not taken for the customer', async () => {
    await using call = await TestCall.connected({ relay: { prompts } });
    call.bridge.play('clean', 'welcome');
    await call.ear.heard('finished welcome to clean');
    await call.agent.until(() => welcomeIn(call.agent.heard).length === FRAMES);
    expect(isSeamless(call.agent.heard)).toBe(true);
    call.bridge.play('clean', 'flat_tone');
    await call.bridge.figures();
    const before = call.agent.heard.length;
    await call.customer.talkUntil(call.bridge.customer.rtp, () => call.agent.heard.length > before + 10);
    expect(call.ear.told).not.toContain('clean audio flowing');
    call.bridge.stopPlaying('clean');
    const flowing = (): boolean => call.ear.told.includes('clean audio flowing');
    await call.customer.talkUntil(call.bridge.customer.rtp, flowing);
  });
});

/** Packets since the last one of a prompt. */
function afterwards(heard: readonly HeardPacket[]): number {
  const last = heard.findLastIndex(isWelcome);
  return last < 0 ? 0 : heard.length - 1 - last;
}

function never(): never {
  throw new Error('no key was captured');
}
