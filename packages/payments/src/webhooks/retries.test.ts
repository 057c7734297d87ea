import { describe, expect, it } from '@jest/globals';
import { GIVE_UP_AFTER_MS, pauseBefore } from './retries.ts';

const HOUR_MS = 3_600_000;

/** When each try falls, ms after the first one. */
function tries(chance: number): number[] {
  const at = [0];
  for (let failures = 1; ; failures += 1) {
    const nowMs = at.at(-1) ?? 0;
    const pauseMs = pauseBefore(failures, nowMs, chance);
    if (pauseMs === undefined) return at;
    at.push(nowMs + pauseMs);
  }
}

describe('the tries of one event', () => {
  it('begin close together, and then leave the receiver time', () => {
    expect(tries(0).slice(0, 4)).toEqual([0, 5_000, 305_000, 2_105_000]);
    expect(tries(0).length).toBeGreaterThan(9);
  });

  it.each([0, 0.5, 1])('end at 72 hours exactly, with jitter %d', (chance) => {
    expect(tries(chance).at(-1)).toBe(GIVE_UP_AFTER_MS);
    expect(GIVE_UP_AFTER_MS).toBe(72 * HOUR_MS);
  });

  it('are a little later with jitter, never earlier', () => {
    expect(pauseBefore(2, 5_000, 1)).toBeGreaterThan(pauseBefore(2, 5_000, 0) ?? 0);
  });
});
