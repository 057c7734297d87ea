import { describe, expect, it } from '@jest/globals';
import type { BridgeSide, SrtpPair } from '@sordino/interception';
import type { SrtpSuiteName } from '@sordino/media';
import { RtcpPacketConverter } from 'werift-rtp';
import { TestCall } from './test-support/call.ts';
import { type TestPhone, voice } from './test-support/phone.ts';
import { ownSrtp, type PhoneSrtp, randomPair, weriftSrtp } from './test-support/phone-srtp.ts';
import { recordingLog } from './test-support/scene.ts';
import { isSeamless } from './test-support/shape.ts';

/** The side's peer with these keys, and the phone with the other end of them. */
function agree(
  call: TestCall,
  side: BridgeSide,
  pair: SrtpPair,
  srtpOf: (pair: SrtpPair) => PhoneSrtp,
): void {
  const phone = side === 'customer' ? call.customer : call.agent;
  phone.srtp = srtpOf(pair);
  call.bridge.setPeer(side, { ...descriptionOf(call, side), srtp: pair });
}

const descriptionOf = (call: TestCall, side: BridgeSide) =>
  side === 'customer' ? call.customerDescription() : call.agent.describe();

async function bothHear(call: TestCall, packets = 12): Promise<void> {
  const heard = (phone: TestPhone): number => phone.audioHeard().length;
  const wanted = [heard(call.customer) + packets, heard(call.agent) + packets] as const;
  const done = (): boolean => heard(call.customer) >= wanted[0] && heard(call.agent) >= wanted[1];
  await Promise.all([
    call.customer.talkUntil(call.bridge.customer.rtp, done),
    call.agent.talkUntil(call.bridge.clean.rtp, done),
  ]);
}

const troublesOf = async (call: TestCall) => (await call.relay.stats()).workers[0]?.troubles;
const CM_80 = 'AES_CM_128_HMAC_SHA1_80' satisfies SrtpSuiteName;
const GCM_128 = 'AEAD_AES_128_GCM' satisfies SrtpSuiteName;

describe('a bridge of encrypted legs', () => {
  it.each([
    ['werift on both sides, each with a suite of its own', CM_80, weriftSrtp, GCM_128, weriftSrtp],
    ['the long keys', 'AES_256_CM_HMAC_SHA1_80', ownSrtp, 'AEAD_AES_256_GCM', ownSrtp],
    ['the short tag and werift', 'AES_CM_128_HMAC_SHA1_32', ownSrtp, CM_80, weriftSrtp],
  ] as const)(
    '%s: both hear each other, over the wrap of the sequence, with RTCP',
    async (_, one, open1, two, open2) => {
      await using call = await TestCall.open({ relay: { rtcpIntervalMs: 200 } });
      agree(call, 'customer', randomPair(one), open1);
      agree(call, 'clean', randomPair(two), open2);
      await bothHear(call);
      const reported = (phone: TestPhone): boolean =>
        phone.heardRtcp.some((packet) => RtcpPacketConverter.deSerialize(packet)[0]?.type === 200);
      await Promise.all([
        call.customer.talkUntil(
          call.bridge.customer.rtp,
          () => reported(call.customer) && reported(call.agent),
        ),
        call.agent.talkUntil(call.bridge.clean.rtp, () => reported(call.customer) && reported(call.agent)),
      ]);
      expect(isSeamless(call.agent.heard)).toBe(true);
      expect([call.customer.notOpened, call.agent.notOpened]).toEqual([0, 0]);
      // Nothing on the wire is what was said.
      for (const { raw } of [...call.customer.audioHeard(), ...call.agent.audioHeard()])
        expect(raw.includes(Buffer.from(voice()).subarray(0, 16))).toBe(false);
      expect(await troublesOf(call)).toMatchObject({
        malformed: 0,
        srtpUnauthentic: 0,
        srtpReplayed: 0,
        faults: 0,
      });
    },
  );

  it.each(['customer', 'clean'] as const)('joins an encrypted %s side with a plain one', async (side) => {
    await using call = await TestCall.open();
    const other = side === 'clean' ? 'customer' : 'clean';
    agree(call, side, randomPair(GCM_128), weriftSrtp);
    call.bridge.setPeer(other, descriptionOf(call, other));
    await bothHear(call);
    expect([call.customer.notOpened, call.agent.notOpened]).toEqual([0, 0]);
  });

  it('takes nothing that is plain, forged or heard before, and counts it', async () => {
    await using call = await TestCall.open();
    agree(call, 'customer', randomPair(CM_80), weriftSrtp);
    agree(call, 'clean', randomPair(CM_80), weriftSrtp);
    await bothHear(call, 3);
    const { bridge, customer } = call;
    const before = await bridge.figures();
    const sealed = customer.srtp?.sealRtp(customer.packet(voice())) ?? Buffer.alloc(0);
    customer.sendRaw(bridge.customer.rtp, sealed);
    customer.sendRaw(bridge.customer.rtp, sealed);
    customer.sendRaw(bridge.customer.rtp, customer.packet(voice(), { sequence: 9 }));
    customer.sendRaw(bridge.customer.rtp, Buffer.from(sealed.with(20, (sealed[20] ?? 0) ^ 1)));
    for (;;) {
      const { srtpReplayed = 0, srtpUnauthentic = 0 } = (await troublesOf(call)) ?? {};
      if (srtpReplayed + srtpUnauthentic >= 3) break;
    }
    expect(await troublesOf(call)).toMatchObject({ srtpReplayed: 2, srtpUnauthentic: 1 });
    expect((await bridge.figures()).customer.packets_in - before.customer.packets_in).toBe(1);
  });

  it('never goes on in the clear: a description without keys is refused, and the keys stand', async () => {
    const lines: string[] = [];
    await using call = await TestCall.open({ relay: { log: recordingLog(lines) } });
    agree(call, 'customer', randomPair(CM_80), weriftSrtp);
    agree(call, 'clean', randomPair(CM_80), weriftSrtp);
    await bothHear(call, 3);
    for (const side of ['customer', 'clean'] as const) call.bridge.setPeer(side, descriptionOf(call, side));
    await call.bridge.figures();
    await bothHear(call, 3);
    expect([call.customer.notOpened, call.agent.notOpened]).toEqual([0, 0]);
    expect(lines.filter((line) => line.includes('never goes on in the clear'))).toHaveLength(2);
  });
});

describe('new keys in mid-call', () => {
  it('lose no packet, whichever end changes first', async () => {
    await using call = await TestCall.open();
    const { bridge, customer, agent } = call;
    let pair = randomPair(CM_80);
    agree(call, 'customer', pair, weriftSrtp);
    bridge.setPeer('clean', agent.describe());
    await bothHear(call, 5);
    for (let cycle = 0; cycle < 3; cycle++) {
      // The relay has the new keys; the phone still speaks under the old ones, as while an answer is on its way.
      const old = customer.srtp;
      pair = randomPair(cycle === 1 ? GCM_128 : CM_80);
      const next = weriftSrtp(pair);
      bridge.setPeer('customer', { ...call.customerDescription(), srtp: pair });
      if (old === undefined) throw new Error('the phone has keys');
      customer.srtp = {
        ...next,
        sealRtp: old.sealRtp,
        openRtp: (packet) => next.openRtp(packet) ?? old.openRtp(packet),
      };
      await bothHear(call, 5);
      customer.srtp = { ...next, openRtp: (packet) => next.openRtp(packet) ?? old.openRtp(packet) };
      await bothHear(call, 5);
    }
    const figures = await bridge.figures();
    expect(figures.customer).toMatchObject({ packets_in: customer.sent, lost_in: 0 });
    expect(customer.notOpened).toBe(0);
    expect(isSeamless(agent.heard)).toBe(true);
    expect(await troublesOf(call)).toMatchObject({ srtpUnauthentic: 0, srtpReplayed: 0 });
  });

  it('go on when the peer only repeats its description', async () => {
    await using call = await TestCall.open();
    const pair = randomPair(CM_80);
    agree(call, 'customer', pair, weriftSrtp);
    agree(call, 'clean', randomPair(GCM_128), weriftSrtp);
    await bothHear(call, 5);
    call.bridge.setPeer('customer', { ...call.customerDescription(), srtp: pair });
    await bothHear(call, 5);
    expect(await troublesOf(call)).toMatchObject({ srtpUnauthentic: 0, srtpReplayed: 0 });
    expect(call.customer.notOpened).toBe(0);
  });

  it('follow a customer that moves to another phone', async () => {
    await using call = await TestCall.open();
    agree(call, 'customer', randomPair(CM_80), weriftSrtp);
    call.bridge.setPeer('clean', call.agent.describe());
    await bothHear(call, 5);
    const second = await call.phone();
    const pair = randomPair(GCM_128);
    second.srtp = weriftSrtp(pair);
    call.bridge.setPeer('customer', { ...call.customerDescription(second), srtp: pair });
    const heard = call.agent.audioHeard().length;
    await Promise.all([
      second.talkUntil(call.bridge.customer.rtp, () => call.agent.audioHeard().length >= heard + 8),
      call.agent.talkUntil(call.bridge.clean.rtp, () => second.audioHeard().length >= 8),
    ]);
    expect(second.notOpened).toBe(0);
  });
});
