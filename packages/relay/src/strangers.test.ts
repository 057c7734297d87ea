import { describe, expect, it } from '@jest/globals';
import { writeTelephoneEvent } from '@sordino/media';
import { TestCall } from './test-support/call.ts';
import { EVENT_PAYLOAD_TYPE } from './test-support/keypad.ts';
import { voice } from './test-support/phone.ts';

describe.each(['dgram', 'native'] as const)('RTP bleed by %s sockets', (packetIo) => {
  it('gets a stranger nothing: not a packet back, not a packet in', async () => {
    await using call = await TestCall.connected({ relay: { packetIo } });
    const stranger = await call.phone('PCMU', '127.0.0.2');
    for (let n = 0; n < 100; n += 1)
      for (const port of [call.bridge.customer, call.bridge.clean]) {
        stranger.send(port.rtp, voice());
        stranger.sendRtcp(port.rtcp, Buffer.from('80c900010000feed', 'hex'));
      }
    await Promise.all([
      call.customer.talk(call.bridge.customer.rtp, 15),
      call.agent.talk(call.bridge.clean.rtp, 15),
    ]);
    await call.customer.until(() => call.customer.audioHeard().length === 15);
    const figures = await call.bridge.close();
    expect(stranger.heard).toEqual([]);
    expect(stranger.heardRtcp).toEqual([]);
    expect(figures.customer).toMatchObject({ foreign_in: 200, packets_in: 15 });
    expect(figures.clean).toMatchObject({ foreign_in: 200, packets_in: 15 });
    expect(new Set(call.customer.heard.map(({ packet }) => packet.header.ssrc)).size).toBe(1);
  });

  it("does not work from the peer's own host with another port either", async () => {
    await using call = await TestCall.connected({ relay: { packetIo } });
    const neighbour = await call.phone();
    neighbour.ssrc = call.customer.ssrc;
    call.customer.send(call.bridge.customer.rtp, voice());
    neighbour.send(call.bridge.customer.rtp, voice());
    await call.ear.heard('started customer');
    const figures = await call.bridge.figures();
    expect(figures.customer).toMatchObject({ packets_in: 1, foreign_in: 1 });
  });
});

describe('injected keys and streams', () => {
  const event = writeTelephoneEvent({ event: 5, end: true, volume: 10, durationTicks: 800 });
  const asEvent = { payloadType: EVENT_PAYLOAD_TYPE, marker: true };

  it("from the peer's own host, under its SSRC and in its sequence, are nothing", async () => {
    await using call = await TestCall.connected();
    const neighbour = await call.phone();
    await call.customer.talk(call.bridge.customer.rtp, 3);
    const { ssrc, sequence, timestamp } = call.customer;
    for (let n = 0; n < 6; n += 1)
      neighbour.send(call.bridge.customer.rtp, event, {
        ...asEvent,
        ssrc,
        sequence: (sequence + n) & 0xffff,
        timestamp,
      });
    await call.customer.talk(call.bridge.customer.rtp, 10);
    const figures = await call.bridge.close();
    expect(figures.customer).toMatchObject({ foreign_in: 6, packets_in: 13, lost_in: 0 });
    expect([figures.keysSealed, figures.eventPacketsRemoved]).toEqual([0, 0]);
  });

  it("from the peer's own address under another SSRC are nothing while its stream goes on", async () => {
    await using call = await TestCall.connected();
    const { customer, bridge } = call;
    for (let n = 0; n < 10; n += 1) {
      await customer.talk(bridge.customer.rtp, 1);
      customer.send(bridge.customer.rtp, event, { ...asEvent, ssrc: 0xbad, sequence: 100 + n, timestamp: 7 });
    }
    const heardFromAgent = call.agent.talk(bridge.clean.rtp, 5);
    const intruder = { ssrc: 0xbad };
    for (let n = 0; n < 5; n += 1)
      call.agent.send(bridge.clean.rtp, voice(), { ...intruder, sequence: n * 9 });
    await heardFromAgent;
    const stats = await call.relay.stats();
    const figures = await bridge.close();
    expect(figures.keysSealed).toBe(0);
    expect(figures.customer.packets_in).toBe(10);
    expect(stats.workers[0]?.troubles).toMatchObject({ suspectStreamPackets: 15, streamRestarts: 0 });
    expect(new Set(call.agent.heard.map(({ packet }) => packet.header.ssrc)).size).toBe(1);
  });

  it('by RTCP change nothing: a BYE in the name of the peer, reports about streams that are none of ours', async () => {
    await using call = await TestCall.connected();
    const { customer, bridge } = call;
    await customer.talk(bridge.customer.rtp, 3);
    const bye = Buffer.from('80c900010000000081cb000100000000', 'hex');
    bye.writeUInt32BE(customer.ssrc, 4);
    bye.writeUInt32BE(customer.ssrc, 12);
    const report = Buffer.from(`81c9000700000001${'ff'.repeat(24)}`, 'hex');
    for (const bytes of [bye, report]) customer.sendRtcp(bridge.customer.rtcp, bytes);
    await customer.talkUntil(bridge.customer.rtp, () => call.agent.audioHeard().length >= 5);
    expect((await bridge.figures()).customer).toMatchObject({ lost_out: null, rtt_ms: null, lost_in: 0 });
    expect(call.ear.told).not.toContain('stalled customer');
  });
});

describe('malformed RTP', () => {
  it('of every kind is ignored and counted, from the peer too', async () => {
    await using call = await TestCall.connected();
    const nonsense = [
      '',
      '80',
      '8000000100000002000000',
      '000000010000000200000003ff',
      'c00000010000000200000003ff',
      '8f0000010000000200000003ff',
      '900000010000000200000003bedeffffff',
      'a00000010000000200000003ff00',
      'a00000010000000200000003ffff',
      '80c800060000000200000003',
      '800000010000000200000003',
      `800000010000000200000003${'ff'.repeat(1_489)}`,
    ];
    for (const hex of nonsense) {
      call.customer.sendRaw(call.bridge.customer.rtp, Buffer.from(hex, 'hex'));
      call.agent.sendRaw(call.bridge.clean.rtp, Buffer.from(hex, 'hex'));
    }
    for (const hex of ['', '80', '81cb0001deadbeef', '9fc80001deadbeef']) {
      call.customer.sendRtcp(call.bridge.customer.rtcp, Buffer.from(hex, 'hex'));
    }
    await Promise.all([
      call.customer.talkUntil(call.bridge.customer.rtp, () => call.agent.audioHeard().length >= 5),
      call.agent.talk(call.bridge.clean.rtp, 10),
    ]);
    await call.customer.until(() => call.customer.audioHeard().length >= 10);
    const stats = await call.relay.stats();
    expect(stats.workers[0]?.troubles).toMatchObject({
      malformed: nonsense.length * 2 + 4,
      faults: 0,
      foreign: 0,
    });
    const figures = await call.bridge.figures();
    expect(figures.customer.packets_in).toBe(call.customer.sent);
  });

  it('does not stop a header with CSRCs, extension and padding from being read, and none of it leaves', async () => {
    await using call = await TestCall.connected();
    const odd = (sequence: number): Buffer => {
      const header = Buffer.from('b200000000000000000000030a0a0a0a0b0b0b0bbede000110ff0000', 'hex');
      header.writeUInt16BE(sequence, 2);
      header.writeUInt32BE(sequence * 160, 4);
      return Buffer.concat([header, voice(), Buffer.from('00000004', 'hex')]);
    };
    for (let n = 0; n < 5; n += 1) call.agent.sendRaw(call.bridge.clean.rtp, odd(n));
    await call.customer.until(() => call.customer.heard.length === 5);
    for (const { raw } of call.customer.heard) {
      expect(raw[0]).toBe(0x80);
      expect(raw.subarray(12)).toEqual(Buffer.from(voice()));
    }
  });
});

describe('early media', () => {
  it('is held and then used when its source is signalled', async () => {
    await using call = await TestCall.open();
    call.bridge.setPeer('clean', call.agent.describe());
    await call.customer.talk(call.bridge.customer.rtp, 5);
    expect((await call.bridge.figures()).customer).toMatchObject({ packets_in: 0, foreign_in: 0 });
    call.bridge.setPeer('customer', call.customerDescription());
    await call.ear.heard('started customer');
    await call.customer.talk(call.bridge.customer.rtp, 5);
    await call.agent.until(() => call.agent.audioHeard().length >= 7);
    expect((await call.bridge.figures()).customer).toMatchObject({
      packets_in: 10,
      foreign_in: 0,
      lost_in: 0,
    });
  });

  it('of a stranger is dropped and counted when somebody else is signalled', async () => {
    await using call = await TestCall.open();
    const stranger = await call.phone();
    call.bridge.setPeer('clean', call.agent.describe());
    await stranger.talk(call.bridge.customer.rtp, 5);
    call.bridge.setPeer('customer', call.customerDescription());
    call.customer.send(call.bridge.customer.rtp, voice());
    await call.ear.heard('started customer');
    expect((await call.bridge.figures()).customer).toMatchObject({ packets_in: 1, foreign_in: 5 });
    expect(stranger.heard).toEqual([]);
  });

  it('is answered by nobody: nothing is sent before a peer is signalled', async () => {
    await using call = await TestCall.open();
    await call.customer.talk(call.bridge.customer.rtp, 5);
    await call.agent.talk(call.bridge.clean.rtp, 5);
    const figures = await call.bridge.close();
    expect([figures.customer.packets_out, figures.clean.packets_out]).toEqual([0, 0]);
    expect([call.customer.heard, call.agent.heard, call.customer.heardRtcp]).toEqual([[], [], []]);
  });
});
