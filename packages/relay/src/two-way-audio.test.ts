import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ThreadedMediaRelay } from './media-relay.ts';
import { TestPhone, voice } from './test-support/phone.ts';
import { openBridgeIn, testRelay } from './test-support/scene.ts';

describe('two people talk through a bridge', () => {
  let relay: ThreadedMediaRelay;
  let customer: TestPhone;
  let agent: TestPhone;

  beforeEach(async () => {
    relay = await testRelay();
    customer = await TestPhone.open();
    agent = await TestPhone.open();
  });
  afterEach(async () => {
    await relay.close();
    await customer.close();
    await agent.close();
  });

  it('each hears the other, in streams that are our own', async () => {
    const { bridge, ear } = await openBridgeIn(relay);
    bridge.setPeer('customer', customer.describe());
    bridge.setPeer('clean', agent.describe());
    const talking = Promise.all([customer.talk(bridge.customer.rtp, 25), agent.talk(bridge.clean.rtp, 25)]);
    await agent.until(() => agent.audioHeard().length >= 20);
    await customer.until(() => customer.audioHeard().length >= 20);
    await talking;
    await ear.heard('clean audio flowing');
    expect(ear.told.slice().sort()).toEqual(['clean audio flowing', 'started clean', 'started customer']);

    for (const [phone, other] of [
      [agent, customer],
      [customer, agent],
    ] as const) {
      const headers = phone.heard.map(({ packet }) => packet.header);
      const ssrcs = new Set(headers.map(({ ssrc }) => ssrc));
      expect(ssrcs.size).toBe(1);
      expect(ssrcs.has(other.ssrc)).toBe(false);
      expect(headers.every(({ payloadType }) => payloadType === 0)).toBe(true);
      expect(phone.heard.every(({ raw }) => raw.length === 172 && raw[0] === 0x80)).toBe(true);
      expect(sequenceSteps(headers)).toEqual(new Set([1]));
      expect(timestampSteps(headers)).toEqual(new Set([160]));
    }
    expect(customer.audioHeard()[5]?.packet.payload).toEqual(Buffer.from(voice()));
    const figures = await bridge.close();
    expect(figures.customer).toMatchObject({ codec: 'PCMU', packets_in: 25, lost_in: 0, foreign_in: 0 });
    expect(figures.clean.packets_in).toBe(25);
    expect(figures.lookbackMs).toBe(30);
  });
});

function sequenceSteps(headers: readonly { sequenceNumber: number }[]): Set<number> {
  return steps(
    headers.map(({ sequenceNumber }) => sequenceNumber),
    0xffff,
  );
}

function timestampSteps(headers: readonly { timestamp: number }[]): Set<number> {
  return steps(
    headers.map(({ timestamp }) => timestamp),
    0xffff_ffff,
  );
}

function steps(values: readonly number[], mask: number): Set<number> {
  return new Set(values.slice(1).map((value, i) => (value - (values[i] ?? 0)) & mask));
}
