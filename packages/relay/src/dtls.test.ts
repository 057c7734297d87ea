import { describe, expect, it } from '@jest/globals';
import type { MediaBridge } from '@sordino/interception';
import { createIdentity } from './handshakes/identity.ts';
import { TestCall } from './test-support/call.ts';
import { DtlsPhone, type DtlsPhoneOptions } from './test-support/dtls-phone.ts';
import { EVENT_PAYLOAD_TYPE, pressAsEvents } from './test-support/keypad.ts';
import { voice } from './test-support/phone.ts';
import { recordingLog } from './test-support/scene.ts';
import { isSeamless } from './test-support/shape.ts';

interface DtlsCall extends AsyncDisposable {
  readonly call: TestCall;
  readonly customer: DtlsPhone;
  readonly bridge: MediaBridge;
  readonly lines: string[];
}

/** A customer with DTLS-SRTP and an agent without; both are signalled, no datagram was sent. */
async function aCall(options: Partial<DtlsPhoneOptions> = {}): Promise<DtlsCall> {
  const lines: string[] = [];
  const call = await TestCall.open({
    relay: { log: recordingLog(lines), dtls: true },
    bridge: { dtls: true },
  });
  const certificate = options.certificate ?? (await createIdentity());
  const customer = new DtlsPhone(call.customer, call.bridge.customer.rtp, { ...options, certificate });
  call.bridge.setPeer('customer', customer.describe({ eventPayloadType: EVENT_PAYLOAD_TYPE }));
  call.bridge.setPeer('clean', call.agent.describe());
  await call.bridge.figures();
  return {
    call,
    customer,
    bridge: call.bridge,
    lines,
    [Symbol.asyncDispose]: async () => {
      customer[Symbol.dispose]();
      await call[Symbol.asyncDispose]();
    },
  };
}

/** The phone's nomination was answered. */
async function checked({ call, customer, bridge }: DtlsCall): Promise<void> {
  const { rtp, dtls } = bridge.customer;
  if (dtls === undefined) throw new Error('the bridge has no DTLS');
  customer.check(rtp, dtls);
  await call.customer.until(() => customer.answers > 0);
}

async function bothHear({ call, bridge }: DtlsCall, packets = 12): Promise<void> {
  const wanted = [
    call.customer.audioHeard().length + packets,
    call.agent.audioHeard().length + packets,
  ] as const;
  const done = (): boolean =>
    call.customer.audioHeard().length >= wanted[0] && call.agent.audioHeard().length >= wanted[1];
  await Promise.all([
    call.customer.talkUntil(bridge.customer.rtp, done),
    call.agent.talkUntil(bridge.clean.rtp, done),
  ]);
}

describe('a bridge with a leg of DTLS-SRTP', () => {
  it('lets both hear each other, takes the keys out, and sends nothing before it has keys', async () => {
    await using scene = await aCall();
    const { call, customer, bridge } = scene;
    // Plain RTP of the right shape before the handshake: nobody's.
    call.customer.send(bridge.customer.rtp, voice());
    await checked(scene);
    call.customer.send(bridge.customer.rtp, voice());
    await call.agent.talk(bridge.clean.rtp, 5);
    expect(call.customer.heard).toEqual([]);
    expect(call.ear.told).not.toContain('started customer');

    await customer.shakeHands();
    await bothHear(scene);
    await pressAsEvents(call.customer, bridge.customer.rtp, 7);
    await call.ear.heard('key sealed');
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual([7]);
    expect(isSeamless(call.agent.heard)).toBe(true);
    expect(new Set(call.agent.heard.map(({ packet }) => packet.header.payloadType))).toEqual(new Set([0]));
    expect((await bridge.figures()).customer.remote).toBe(`127.0.0.1:${call.customer.rtp.port}`);
  });

  it('goes without ICE where the peer has none', async () => {
    await using scene = await aCall({ withIce: false });
    await scene.customer.shakeHands();
    await bothHear(scene);
  });

  it('gives nothing to who copied a certificate', async () => {
    const [certificate, signsWith] = [await createIdentity(), await createIdentity()];
    await using scene = await aCall({ certificate, signsWith });
    const { call, customer, bridge, lines } = scene;
    await checked(scene);
    customer.beginHandshake();
    while (!lines.some((line) => line.includes('handshake was refused')))
      await call.agent.talk(bridge.clean.rtp, 1);
    expect(lines.join()).toContain('"reason":"certificate_verify"');
    call.customer.send(bridge.customer.rtp, voice());
    await call.agent.talk(bridge.clean.rtp, 5);
    expect(call.customer.heard).toEqual([]);
    expect(call.agent.audioHeard()).toEqual([]);
  });

  it('stays up under alerts, hellos and media that are not of the peer', async () => {
    await using scene = await aCall();
    const { call, customer, bridge } = scene;
    await checked(scene);
    await customer.shakeHands();
    await bothHear(scene);
    const stranger = await call.phone();
    const alert = Buffer.from('15fefd000000000000000900020228', 'hex');
    const other = new DtlsPhone(stranger, bridge.customer.rtp, { certificate: await createIdentity() });
    other.beginHandshake();
    for (const phone of [stranger, call.customer]) {
      phone.sendRaw(bridge.customer.rtp, alert);
      phone.sendRaw(bridge.customer.rtp, phone.packet(voice(), { ssrc: 7 }));
    }
    await bothHear(scene);
    other[Symbol.dispose]();
    expect(stranger.heard).toEqual([]);
    const troubles = (await call.relay.stats()).workers[0]?.troubles;
    expect(troubles?.srtpUnauthentic).toBeGreaterThan(0);
    expect(troubles?.foreign).toBeGreaterThan(1);
  });

  it('keeps its keys over a re-INVITE of the same peer, and awaits a handshake of another', async () => {
    await using scene = await aCall();
    const { call, customer, bridge } = scene;
    await checked(scene);
    await customer.shakeHands();
    await bothHear(scene);
    bridge.setPeer('customer', customer.describe());
    await bothHear(scene);

    const next = new DtlsPhone(call.customer, bridge.customer.rtp, { certificate: await createIdentity() });
    bridge.setPeer('customer', next.describe());
    await bridge.figures();
    const before = call.agent.audioHeard().length;
    await call.customer.talk(bridge.customer.rtp, 5);
    // What was on its way through the delay line may still come; nothing of the five.
    expect(call.agent.audioHeard().length).toBeLessThan(before + 5);
    await next.shakeHands();
    await bothHear(scene);
    next[Symbol.dispose]();
  });

  it('never goes on in the clear, and takes no peer with DTLS where the bridge has none', async () => {
    await using scene = await aCall();
    scene.bridge.setPeer('customer', scene.call.customerDescription());
    await scene.bridge.figures();
    expect(scene.lines.join()).toContain('never goes on in the clear');

    const lines: string[] = [];
    await using without = await TestCall.open({ relay: { log: recordingLog(lines) } });
    const { bridge } = without;
    const phone = new DtlsPhone(without.customer, bridge.customer.rtp, {
      certificate: await createIdentity(),
    });
    bridge.setPeer('customer', phone.describe());
    await bridge.figures();
    expect(lines.join()).toContain('opened without');
    phone[Symbol.dispose]();
  });
});
