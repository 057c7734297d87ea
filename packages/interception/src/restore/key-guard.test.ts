import { describe, expect, it } from '@jest/globals';
import type { MaskHold } from '@sordino/core';
import { FakeScheduler } from '@sordino/core/testing';
import { KEY_GUARD_MAX_MS, KEY_GUARD_MS, QUIET_POLL_MS } from '../limits.ts';
import { ScriptedBridge } from '../test-support/scripted-bridge.ts';
import { guardKeys } from './key-guard.ts';

function aGuard(prepare: (bridge: ScriptedBridge) => void = () => {}, hold: MaskHold = 'per_key') {
  const scheduler = new FakeScheduler();
  const relay = new ScriptedBridge(scheduler);
  prepare(relay);
  const overAtMs: number[] = [];
  const cancel = guardKeys({ relay, scheduler, hold, over: () => overAtMs.push(scheduler.monotonicMs()) });
  return { scheduler, relay, overAtMs, cancel };
}

describe('the key guard', () => {
  it('is over at once when no key was ever pressed', async () => {
    const { scheduler, overAtMs } = aGuard();
    await scheduler.advanceAsync(0);
    expect(overAtMs).toEqual([0]);
    expect(scheduler.pending).toBe(0);
  });

  it('is over 1.5 s after the last key', async () => {
    const { scheduler, overAtMs } = aGuard((bridge) => bridge.press());
    await scheduler.advanceAsync(KEY_GUARD_MS - 1);
    expect(overAtMs).toEqual([]);
    await scheduler.advanceAsync(5_000);
    expect(overAtMs).toEqual([KEY_GUARD_MS]);
  });

  it('starts anew with each key that is pressed meanwhile', async () => {
    const { scheduler, relay, overAtMs } = aGuard((bridge) => bridge.press());
    await scheduler.advanceAsync(1_400);
    relay.press();
    await scheduler.advanceAsync(1_400);
    relay.press();
    await scheduler.advanceAsync(KEY_GUARD_MS - 1);
    expect(overAtMs).toEqual([]);
    await scheduler.advanceAsync(QUIET_POLL_MS);
    expect(overAtMs).toHaveLength(1);
    expect(overAtMs[0]).toBeGreaterThanOrEqual(2_800 + KEY_GUARD_MS);
  });

  it('counts from when a held key is up, not from when it went down', async () => {
    const { scheduler, relay, overAtMs } = aGuard((bridge) => bridge.press());
    relay.keyDown = true;
    await scheduler.advanceAsync(4_000);
    expect(overAtMs).toEqual([]);
    relay.keyDown = false;
    await scheduler.advanceAsync(KEY_GUARD_MS - QUIET_POLL_MS);
    expect(overAtMs).toEqual([]);
    await scheduler.advanceAsync(2 * QUIET_POLL_MS);
    expect(overAtMs).toHaveLength(1);
  });

  it('looks twice before it believes that a key of long ago is up', async () => {
    const { scheduler, overAtMs } = aGuard((bridge) => {
      bridge.lastKeyAtMs = 0;
      bridge.keyDown = true;
    });
    await scheduler.advanceAsync(QUIET_POLL_MS);
    expect(overAtMs).toEqual([]);
  });

  it.each(['until_idle', 'whole_field'] as const)('waits until a mask of %s is off', async (hold) => {
    const { scheduler, relay, overAtMs } = aGuard((bridge) => bridge.press(), hold);
    relay.keyDown = true;
    await scheduler.advanceAsync(3_000);
    expect(overAtMs).toEqual([]);
    relay.keyDown = false;
    await scheduler.advanceAsync(KEY_GUARD_MS);
    expect(overAtMs).toHaveLength(1);
  });

  it('gives up on a key that is stuck', async () => {
    const { scheduler, relay, overAtMs } = aGuard((bridge) => bridge.press());
    relay.keyDown = true;
    await scheduler.advanceAsync(KEY_GUARD_MAX_MS - 1);
    expect(overAtMs).toEqual([]);
    await scheduler.advanceAsync(QUIET_POLL_MS);
    expect(overAtMs).toHaveLength(1);
  });

  it('is over when the relay cannot tell any more', async () => {
    const { scheduler, relay, overAtMs } = aGuard((bridge) => bridge.press());
    await scheduler.advanceAsync(200);
    relay.broken = true;
    await scheduler.advanceAsync(QUIET_POLL_MS);
    expect(overAtMs).toHaveLength(1);
  });

  it('says nothing once it is canceled, not even while it asks', async () => {
    const { scheduler, overAtMs, cancel } = aGuard();
    cancel();
    await scheduler.advanceAsync(60_000);
    expect(overAtMs).toEqual([]);
    expect(scheduler.pending).toBe(0);
  });
});
