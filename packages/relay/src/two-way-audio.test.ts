import { describe, expect, it } from '@jest/globals';
import { TestCall } from './test-support/call.ts';
import { voice } from './test-support/phone.ts';
import { isSeamless } from './test-support/shape.ts';

describe.each([
  ['dgram', '127.0.0.1'],
  ['native', '127.0.0.1'],
  ['dgram', '::1'],
  ['native', '::1'],
] as const)('two people talk through a bridge of %s sockets on %s', (packetIo, host) => {
  it('each hears the other, in streams that are our own', async () => {
    await using call = await TestCall.connected({ relay: { packetIo, host, rtcpIntervalMs: 200 } });
    const { bridge, ear, customer, agent } = call;
    await Promise.all([
      customer.talkUntil(bridge.customer.rtp, () => agent.audioHeard().length >= 20),
      agent.talk(bridge.clean.rtp, 25),
    ]);
    await customer.until(() => customer.audioHeard().length === 25);
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
      expect(isSeamless(phone.heard)).toBe(true);
    }
    expect(customer.audioHeard()[5]?.packet.payload).toEqual(Buffer.from(voice()));
    await customer.until(() => customer.heardRtcp.length >= 1);
    await agent.until(() => agent.heardRtcp.length >= 1);
    const figures = await bridge.close();
    expect(figures.customer).toMatchObject({
      codec: 'PCMU',
      packets_in: customer.sent,
      lost_in: 0,
      foreign_in: 0,
      remote: host === '::1' ? `[::1]:${customer.rtp.port}` : `${host}:${customer.rtp.port}`,
    });
    expect(figures.clean.packets_in).toBe(25);
    expect(figures.lookbackMs).toBe(30);
  });
});
