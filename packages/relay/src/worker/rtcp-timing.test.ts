import { describe, expect, it } from '@jest/globals';
import { RTCP_INTERVAL_MS, RtcpTiming } from './rtcp-timing.ts';

const SHORTEST = 0.5 / (Math.E - 1.5);
const LONGEST = 1.5 / (Math.E - 1.5);

/** Times of all reports within `untilMs`, looked at each 5 ms as the worker does. */
function reports(random: () => number, untilMs: number): number[] {
  const timing = new RtcpTiming(RTCP_INTERVAL_MS, random);
  timing.start(0);
  const at: number[] = [];
  for (let ms = 0; ms < untilMs; ms += 5) if (timing.due(ms)) at.push(ms);
  return at;
}

describe('when our reports go', () => {
  it('never before the peer is known', () => {
    expect(new RtcpTiming(RTCP_INTERVAL_MS, () => 0).due(1e12)).toBe(false);
  });

  it.each([0, 0.5, 0.999])(
    'each interval is the drawn one, the first one half of it (random %d)',
    (random) => {
      const interval = (RTCP_INTERVAL_MS * (0.5 + random)) / (Math.E - 1.5);
      const at = reports(() => random, 60_000);
      expect(at[0]).toBeGreaterThanOrEqual(interval / 2);
      expect(at[0]).toBeLessThan(interval / 2 + 5);
      for (const [n, ms] of at.slice(1).entries()) {
        expect(ms - (at[n] ?? 0)).toBeGreaterThanOrEqual(interval);
        expect(ms - (at[n] ?? 0)).toBeLessThan(interval + 5);
      }
    },
  );

  it('reconsiders: an interval that has run out is compared with a new draw', () => {
    const draws = [0, 1, 1];
    const timing = new RtcpTiming(RTCP_INTERVAL_MS, () => draws.shift() ?? 1);
    timing.start(0);
    const half = RTCP_INTERVAL_MS / 2;
    expect(timing.due(half * SHORTEST)).toBe(false);
    expect(timing.due(half * LONGEST - 1)).toBe(false);
    expect(timing.due(half * LONGEST)).toBe(true);
  });

  it('comes to a mean of the interval itself, and stays within its bounds', () => {
    let state = 7;
    const random = (): number => {
      state = (state * 48_271) % 0x7fffffff;
      return state / 0x7fffffff;
    };
    const at = reports(random, 20_000_000);
    const mean = ((at.at(-1) ?? 0) - (at[0] ?? 0)) / (at.length - 1);
    expect(Math.abs(mean / RTCP_INTERVAL_MS - 1)).toBeLessThan(0.03);
    const gaps = at.slice(1).map((ms, n) => ms - (at[n] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SHORTEST * RTCP_INTERVAL_MS);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(LONGEST * RTCP_INTERVAL_MS + 5);
  });

  it('a second start changes nothing', () => {
    const timing = new RtcpTiming(RTCP_INTERVAL_MS, () => 0);
    timing.start(0);
    timing.start(1_000);
    expect(timing.due((RTCP_INTERVAL_MS / 2) * SHORTEST)).toBe(true);
  });
});
