import { describe, expect, it } from '@jest/globals';
import type { AudioCodec } from '@sordino/interception';
import { createEncoder, payloadTicks, timestampsPerTick, tonePairOf } from '@sordino/media';
import { TestCall } from './test-support/call.ts';
import { PAYLOAD_TYPES } from './test-support/phone.ts';
import { WasmOpus } from './worker/opus/wasm-opus.ts';

const opus = new WasmOpus();
const RATE_HZ = 16_000;
const FRAME_SAMPLES = 320;

/** Frames of 20 ms at 16 kHz in a codec: noise, and for `keys` the two tones of a key in the frames 10 to 14. */
function frames(codec: AudioCodec, count: number, keyCode?: number): Uint8Array[] {
  const encoder = createEncoder(codec, RATE_HZ, opus);
  const pair = keyCode === undefined ? undefined : tonePairOf(keyCode);
  const into = new Uint8Array(2_000);
  let state = 5;
  const made = Array.from({ length: count }, (_, frame) => {
    const pcm = Int16Array.from({ length: FRAME_SAMPLES }, (_, n) => {
      state = (state * 48_271) % 0x7fffffff;
      const turn = (2 * Math.PI * (frame * FRAME_SAMPLES + n)) / RATE_HZ;
      if (pair !== undefined && frame >= 10 && frame < 15) {
        return Math.round(6_000 * (Math.sin(turn * pair.lowHz) + Math.sin(turn * pair.highHz)));
      }
      return Math.round((state / 0x7fffffff - 0.5) * 3_000);
    });
    return into.slice(0, encoder.encode(pcm, FRAME_SAMPLES, into));
  });
  encoder.reset();
  return made;
}

describe.each<readonly [AudioCodec, AudioCodec]>([
  ['G722', 'G722'],
  ['opus', 'opus'],
  ['opus', 'PCMU'],
  ['L16/16000', 'PCMA'],
])('a customer with %s and an agent with %s', (customerCodec, agentCodec) => {
  it('hear each other, each at its own clock, and a key of the customer leaves sealed', async () => {
    await using call = await TestCall.connected({ customerCodec, agentCodec });
    const { bridge, ear, customer, agent } = call;
    const spoken = frames(customerCodec, 40, 7);
    const answer = frames(agentCodec, 40);
    await Promise.all([
      customer.talk(bridge.customer.rtp, 40, (n) => spoken[n] ?? new Uint8Array()),
      agent.talk(bridge.clean.rtp, 40, (n) => answer[n] ?? new Uint8Array()),
    ]);
    await ear.heard('clean audio flowing');
    await ear.until(() => ear.keys.length === 1);
    const [key] = ear.keys;
    expect(key && (await call.vault.open(key))).toBe(7);

    for (const [phone, codec] of [
      [customer, customerCodec],
      [agent, agentCodec],
    ] as const) {
      expect(phone.heard.length).toBeGreaterThan(20);
      for (const { packet } of phone.heard) {
        expect(packet.header.payloadType).toBe(PAYLOAD_TYPES[codec]);
        expect(payloadTicks(codec, packet.payload, packet.payload.length)).toBeGreaterThan(0);
      }
      // The last two of a steady stream: one packet, one packet time.
      const [before, last] = phone.heard.slice(-2).map(({ packet }) => packet);
      const ticks = payloadTicks(codec, before?.payload ?? new Uint8Array(), before?.payload.length ?? 0);
      const passed = ((last?.header.timestamp ?? 0) - (before?.header.timestamp ?? 0)) >>> 0;
      expect(passed).toBe(ticks * timestampsPerTick(codec));
    }
    if (customerCodec === agentCodec) {
      const heard = customer.heard.map(({ raw }) => raw.subarray(12).toString('hex'));
      expect(heard).toContain(Buffer.from(answer[30] ?? []).toString('hex'));
    }
    const figures = await bridge.close();
    expect(figures.customer.codec).toBe(customerCodec);
    expect(figures.clean.codec).toBe(agentCodec);
    // Opus that is passed as it came waits for what its packets reach into.
    const isPassed = customerCodec === 'opus' && agentCodec === 'opus';
    expect(figures.attestation.lookback_ms).toBe(isPassed ? 40 : 30);
  });
});
