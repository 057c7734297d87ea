import { describe, expect, it } from '@jest/globals';
import type { LogFields } from '@sordino/core';
import { TestCall } from './test-support/call.ts';
import { pressAsEvents, pressAsTone } from './test-support/keypad.ts';
import { recordingLog } from './test-support/scene.ts';

const KEYS = [4, 2, 10, 11];

/** Talks, presses some keys, talks. Events are not negotiated: tones are what is expected. */
async function pressAll(call: TestCall, press = pressAsTone): Promise<void> {
  await call.customer.talk(call.bridge.customer.rtp, 10);
  for (const key of KEYS) await press(call.customer, call.bridge.customer.rtp, key);
  await call.customer.talk(call.bridge.customer.rtp, 10);
  await call.ear.until(() => call.ear.keys.length === KEYS.length);
}

describe('attestation of leg 7', () => {
  it.each([
    ['tones', pressAsTone],
    ['telephone-events', pressAsEvents],
  ])('says that nothing was left of keys that came as %s', async (_, press) => {
    await using call = await TestCall.connected();
    await pressAll(call, press);
    const { attestation } = await call.bridge.close();
    expect(attestation).toMatchObject({
      keys_in: KEYS.length,
      tones_out: 0,
      lookback_ms: 30,
      complete: true,
    });
    expect(attestation.worst_residual_dbm0).toBeLessThan(-50);
    expect(call.ear.told.filter((what) => what.startsWith('leak'))).toEqual([]);
  });

  it('hears the first key of a call whose mask is off, mutes the rest, and says so once', async () => {
    await using call = await TestCall.connected({ relay: { rehearsals: true } });
    call.bridge.setPeer('customer', call.customer.describe());
    call.bridge.setCollecting(true);
    call.bridge.maskOff();
    await pressAll(call);
    const { attestation } = await call.bridge.close();
    expect(call.ear.told.filter((what) => what.startsWith('leak'))).toEqual(['leak suspected tone']);
    expect(attestation).toMatchObject({ keys_in: KEYS.length, tones_out: 1 });
    // Key capture goes on.
    expect(await Promise.all(call.ear.keys.map((key) => call.vault.open(key)))).toEqual(KEYS);
    // Leg 7 goes on as before: one stream of one size, and of the voice after the keys nothing.
    expect(call.agent.heard.every(({ raw }) => raw.length === 172)).toBe(true);
    const last = call.agent.heard.at(-1);
    expect(last && call.agent.audioHeard().includes(last)).toBe(false);
    const sequences = call.agent.heard.map(({ packet }) => packet.header.sequenceNumber);
    expect(sequences).toEqual(sequences.map((_, n) => ((sequences[0] ?? 0) + n) & 0xffff));
  });

  it('goes on to mask where rehearsals are not allowed', async () => {
    const lines: string[] = [];
    await using call = await TestCall.connected({ relay: { log: recordingLog(lines) } });
    call.bridge.setPeer('customer', call.customer.describe());
    call.bridge.maskOff();
    await pressAll(call);
    const { attestation } = await call.bridge.close();
    expect(attestation).toMatchObject({ keys_in: KEYS.length, tones_out: 0 });
    expect(lines.join('\n')).toContain('not opened for rehearsals');
  });

  it('counts incidents in the figures of the worker', async () => {
    await using call = await TestCall.connected({ relay: { rehearsals: true } });
    call.bridge.setPeer('customer', call.customer.describe());
    call.bridge.maskOff();
    await pressAll(call);
    const counted = async (): Promise<LogFields[string]> =>
      (await call.relay.stats()).workers[0]?.troubles.leaksSuspected;
    expect(await counted()).toBe(1);
    await call.bridge.close();
    expect(await counted()).toBe(1);
  });
});
