import { describe, expect, it } from '@jest/globals';
import { alaw } from 'alawmulaw';
import { levelDbm0 } from './level.ts';
import { take } from './source.ts';
import { speechLike } from './speech.ts';

describe('probe', () => {
  it('levels', () => {
    expect(typeof alaw.encode).toBe('function');
    for (const seed of [1, 2, 3, 4]) {
      const s = take(speechLike(seed), 30_000);
      const levels: number[] = [];
      for (let i = 0; i + 40 <= s.length; i += 40) levels.push(levelDbm0(s, i, i + 40));
      levels.sort((a, b) => a - b);
      const q = (p: number) => levels[Math.floor(p * (levels.length - 1))]?.toFixed(1);
      console.log(
        seed,
        levelDbm0(s).toFixed(1),
        'min',
        q(0),
        'p5',
        q(0.05),
        'p50',
        q(0.5),
        'p95',
        q(0.95),
        'max',
        q(1),
        s.reduce((a, b) => Math.max(a, b)),
      );
    }
  });
});
