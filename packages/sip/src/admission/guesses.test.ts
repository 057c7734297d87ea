import { describe, expect, it } from '@jest/globals';
import { Guesses } from './guesses.ts';

const MINUTE_MS = 60_000;

/** Plays tries at one moment; returns whether the source is stopped then. */
function after(
  guesses: Guesses,
  atMs: number,
  ...tries: readonly [count: number, right: boolean][]
): boolean {
  for (const [count, right] of tries) {
    for (let i = 0; i < count; i++) {
      guesses.tried(atMs);
      if (!right) guesses.wasWrong(atMs);
    }
  }
  return guesses.areStopped(atMs);
}

describe('a source', () => {
  it.each<[what: string, tries: [number, boolean][], stopped: boolean]>([
    ['that is wrong a few times', [[59, false]], false],
    ['that only guesses', [[60, false]], true],
    [
      'that guesses, and is right now and then',
      [
        [6, true],
        [60, false],
      ],
      true,
    ],
    [
      'a platform one call of ten of which comes through',
      [
        [7, true],
        [60, false],
      ],
      false,
    ],
    [
      'a busy platform with stale tokens',
      [
        [3_000, true],
        [300, false],
      ],
      false,
    ],
  ])('%s', (_what, tries, stopped) => {
    expect(after(new Guesses(60), 0, ...tries)).toBe(stopped);
  });

  it('is heard again after a minute, and stopped again if it goes on', () => {
    const guesses = new Guesses(60);
    expect(after(guesses, 0, [60, false])).toBe(true);
    expect(guesses.areStopped(MINUTE_MS)).toBe(false);
    expect(after(guesses, MINUTE_MS, [59, false])).toBe(false);
    expect(after(guesses, MINUTE_MS, [1, false])).toBe(true);
  });

  it('has its errors forgotten with the minute in which it made them', () => {
    const guesses = new Guesses(60);
    after(guesses, 0, [59, false]);
    expect(after(guesses, MINUTE_MS, [59, false])).toBe(false);
  });
});
