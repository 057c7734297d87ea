import { describe, expect, it } from '@jest/globals';
import { TestCall } from './test-support/call.ts';
import { voice } from './test-support/phone.ts';
import { readRtcp } from './worker/rtcp-read.ts';

/** A receiver report of one block, about the relay's own stream. */
function receiverReport(from: number, about: number, fields: { lost: number; jitter: number; lsr: number }) {
  const report = Buffer.alloc(32);
  report.writeUInt32BE(0x81c9_0007, 0);
  for (const [at, value] of [from, about, fields.lost, 0, fields.jitter, fields.lsr, 0].entries())
    report.writeUInt32BE(value >>> 0, 4 + at * 4);
  return report;
}

describe('the figures of a leg', () => {
  it('show the round trip, and what the peer says of our stream', async () => {
    await using call = await TestCall.connected({ relay: { rtcpIntervalMs: 100 } });
    const senderReport = () =>
      call.customer.heardRtcp.flatMap((raw) => readRtcp(raw)?.senderReports ?? []).at(-1);
    const before = await call.bridge.figures();
    expect(before.customer).toMatchObject({ rtt_ms: null, lost_out: null, jitter_out_ms: null });
    call.agent.send(call.bridge.clean.rtp, voice());
    await call.customer.until(() => senderReport() !== undefined);
    const { ssrc, ntpMiddle } = senderReport() ?? { ssrc: 0, ntpMiddle: 0 };
    const told = { lost: 7, jitter: 80, lsr: ntpMiddle };
    const stranger = await call.phone('PCMU', '127.0.0.2');
    stranger.sendRtcp(call.bridge.customer.rtcp, receiverReport(1, ssrc, { ...told, lost: 99 }));
    call.customer.sendRtcp(call.bridge.customer.rtcp, receiverReport(1, ssrc ^ 1, { ...told, lost: 98 }));
    call.customer.sendRtcp(call.bridge.customer.rtcp, receiverReport(1, ssrc, told));
    for (;;) {
      const { customer, clean } = await call.bridge.figures();
      if (customer.lost_out === null) continue;
      expect(customer).toMatchObject({
        lost_out: 7,
        jitter_out_ms: 10,
        rtt_ms: expect.any(Number),
        foreign_in: 1,
      });
      expect(clean).toMatchObject({ rtt_ms: null, lost_out: null });
      return;
    }
  });

  it('tell of audio in one direction only, of the peer that is not heard and of no other', async () => {
    await using call = await TestCall.connected();
    const talking = call.customer.talkUntil(call.bridge.customer.rtp, () =>
      call.ear.told.includes('one way clean: over'),
    );
    await call.ear.heard('one way clean: not_heard');
    expect(await call.bridge.figures()).toMatchObject({
      clean: { one_way: 'not_heard' },
      customer: { one_way: null },
    });
    call.agent.send(call.bridge.clean.rtp, voice());
    await talking;
    expect((await call.bridge.figures()).clean.one_way).toBeNull();
    expect(call.ear.told).not.toContain('one way customer: not_heard');
  });
});
