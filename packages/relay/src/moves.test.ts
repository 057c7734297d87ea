import { describe, expect, it } from '@jest/globals';
import { TestCall } from './test-support/call.ts';
import { voice } from './test-support/phone.ts';
import { recordingLog } from './test-support/scene.ts';
import { isSeamless, shapeOf } from './test-support/shape.ts';

describe('the clean stream has no seam', () => {
  it("when the customer's stream gets another SSRC, sequence and timestamp", async () => {
    await using call = await TestCall.connected();
    await call.customer.talk(call.bridge.customer.rtp, 10);
    call.customer.ssrc += 1;
    call.customer.sequence = 4_000;
    call.customer.timestamp = 77;
    const before = call.agent.audioHeard().length;
    await call.customer.talkUntil(
      call.bridge.customer.rtp,
      () => call.agent.audioHeard().length >= before + 10,
    );
    expect(isSeamless(call.agent.heard)).toBe(true);
    const { troubles } = (await call.relay.stats()).workers[0] ?? {};
    expect(troubles).toMatchObject({ streamRestarts: 1, suspectStreamPackets: 2 });
  });

  it('when a re-INVITE moves the customer to another phone', async () => {
    await using call = await TestCall.connected();
    await call.customer.talk(call.bridge.customer.rtp, 10);
    const second = await call.phone();
    call.bridge.setPeer('customer', call.customerDescription(second));
    const heard = call.agent.audioHeard().length;
    await second.talkUntil(call.bridge.customer.rtp, () => call.agent.audioHeard().length >= heard + 10);
    const before = (await call.bridge.figures()).customer;
    // The old path trickles on and is refused.
    await call.customer.talk(call.bridge.customer.rtp, 3);
    expect(isSeamless(call.agent.heard)).toBe(true);
    const after = (await call.bridge.figures()).customer;
    expect(after.foreign_in - before.foreign_in).toBe(3);
    expect(after).toMatchObject({ remote: `127.0.0.1:${second.rtp.port}`, packets_in: 10 + second.sent });
    expect(call.ear.told.filter((event) => event === 'started customer')).toHaveLength(2);
  });

  it('when the clean peer moves: the stream goes on at its new address', async () => {
    await using call = await TestCall.connected();
    await call.customer.talk(call.bridge.customer.rtp, 10);
    const second = await call.phone();
    call.bridge.setPeer('clean', second.describe());
    await call.customer.talkUntil(call.bridge.customer.rtp, () => second.audioHeard().length >= 8);
    const count = call.agent.heard.length;
    expect(isSeamless([...call.agent.heard, ...second.heard])).toBe(true);
    await call.customer.talk(call.bridge.customer.rtp, 5);
    expect(call.agent.heard.length).toBe(count);
  });

  it('before the customer is here: quiet noise, then his voice, in one stream', async () => {
    await using call = await TestCall.open();
    call.bridge.setPeer('clean', call.agent.describe());
    await call.agent.until(() => call.agent.heard.length >= 10);
    expect(call.agent.audioHeard()).toEqual([]);
    call.bridge.setPeer('customer', call.customerDescription());
    await call.customer.talkUntil(call.bridge.customer.rtp, () => call.agent.audioHeard().length >= 5);
    expect(isSeamless(call.agent.heard)).toBe(true);
  });
});

describe('the stream to the customer has no seam', () => {
  it("when the agent's stream is another one", async () => {
    await using call = await TestCall.connected();
    await call.agent.talk(call.bridge.clean.rtp, 5);
    call.agent.ssrc += 1;
    call.agent.sequence = 9;
    call.agent.timestamp = 9;
    await call.agent.talk(call.bridge.clean.rtp, 7);
    await call.customer.until(() => call.customer.heard.length === 10);
    const shape = shapeOf(call.customer.heard);
    expect(shape).toMatchObject({ ssrcs: 1, sequenceSteps: [1] });
    // Two packets of the new stream were not believed yet: their time has passed, in whole frames.
    expect(shape.timestampSteps.every((step) => step % 160 === 0)).toBe(true);
  });

  it("and loss and reordering on it stay visible, for the customer's own jitter buffer", async () => {
    await using call = await TestCall.connected();
    for (const sequence of [100, 101, 104, 103, 105])
      call.agent.send(call.bridge.clean.rtp, voice(), { sequence, timestamp: sequence * 160 });
    await call.customer.until(() => call.customer.heard.length === 5);
    const first = call.customer.heard[0]?.packet.header;
    const places = call.customer.heard.map(({ packet: { header } }) => [
      (header.sequenceNumber - (first?.sequenceNumber ?? 0)) & 0xffff,
      (header.timestamp - (first?.timestamp ?? 0)) >>> 0,
    ]);
    expect(places).toEqual([0, 1, 4, 3, 5].map((n) => [n, n * 160]));
  });
});

describe('codecs and holds', () => {
  it('each side hears its own law', async () => {
    await using call = await TestCall.connected({ customerCodec: 'PCMA', agentCodec: 'PCMU' });
    const loudALaw = (): Uint8Array => new Uint8Array(160).fill(0xaa);
    await Promise.all([
      call.customer.talkUntil(
        call.bridge.customer.rtp,
        () => call.agent.heard.some(({ packet }) => packet.payload[80] === 0x80),
        loudALaw,
      ),
      call.agent.talk(call.bridge.clean.rtp, 10, () => new Uint8Array(160).fill(0x80)),
    ]);
    // The loudest step of one law is the loudest of the other.
    await call.customer.until(() => call.customer.heard.length === 10);
    expect(call.customer.heard.at(-1)?.packet.payload).toEqual(Buffer.alloc(160, 0xaa));
    expect(call.customer.heard.every(({ packet }) => packet.header.payloadType === 8)).toBe(true);
    expect(call.agent.heard.every(({ packet }) => packet.header.payloadType === 0)).toBe(true);
  });

  it.each(['sendonly', 'inactive'] as const)(
    'a clean peer on hold (%s) gets nothing; after it the stream goes on',
    async (direction) => {
      await using call = await TestCall.connected();
      await call.customer.talk(call.bridge.customer.rtp, 10);
      call.bridge.setPeer('clean', call.agent.describe({ direction }));
      await call.bridge.figures();
      const count = call.agent.heard.length;
      await call.customer.talk(call.bridge.customer.rtp, 10);
      expect(call.agent.heard.length).toBe(count);
      call.bridge.setPeer('clean', call.agent.describe());
      await call.customer.talkUntil(call.bridge.customer.rtp, () => call.agent.heard.length >= count + 8);
      expect(isSeamless(call.agent.heard)).toBe(true);
      // The time of the hold has passed in one step.
      expect(Math.max(...shapeOf(call.agent.heard).timestampSteps)).toBeGreaterThanOrEqual(160 * 8);
    },
  );

  it('a peer at 0.0.0.0 gets nothing and keeps its voice', async () => {
    await using call = await TestCall.connected();
    const { port } = call.agent.rtp;
    call.bridge.setPeer(
      'clean',
      call.agent.describe({ rtp: { host: '0.0.0.0', port }, rtcp: { host: '0.0.0.0', port } }),
    );
    await call.bridge.figures();
    const count = call.agent.heard.length;
    await call.customer.talk(call.bridge.customer.rtp, 10);
    await call.agent.talk(call.bridge.clean.rtp, 5);
    await call.customer.until(() => call.customer.audioHeard().length === 5);
    expect(call.agent.heard.length).toBe(count);
  });

  it('a peer that is a name and no address changes nothing and is logged', async () => {
    const lines: string[] = [];
    await using call = await TestCall.connected({ relay: { log: recordingLog(lines) } });
    call.bridge.setPeer('clean', call.agent.describe({ rtp: { host: 'media.example', port: 4000 } }));
    await call.customer.talkUntil(call.bridge.customer.rtp, () => call.agent.audioHeard().length >= 5);
    expect(lines.join()).toMatch(
      /warn the relay refused a request .*media\.example.* is not an IPv4 literal/,
    );
  });
});

describe('silence', () => {
  it('is told after two seconds and again each second, then that it is over', async () => {
    await using call = await TestCall.connected();
    await call.customer.talk(call.bridge.customer.rtp, 3);
    await call.ear.until(() => call.ear.stalls.length === 2);
    const silences = call.ear.stalls.map(({ silentMs }) => silentMs);
    expect(call.ear.stalls.every(({ side }) => side === 'customer')).toBe(true);
    expect(silences[0]).toBeGreaterThanOrEqual(2_000);
    expect((silences[1] ?? 0) - (silences[0] ?? 0)).toBeGreaterThan(500);
    call.customer.send(call.bridge.customer.rtp, voice());
    await call.ear.heard('resumed customer');
    // The agent's side goes on all the while: replacement frames, one per packet time.
    expect(isSeamless(call.agent.heard)).toBe(true);
    expect(call.agent.heard.length).toBeGreaterThan(100);
  });
});
