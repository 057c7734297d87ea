import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { TICK_MS, TickLoop } from './loop.ts';

describe('the loop of a worker', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function running(): { loop: TickLoop; ticks: number[]; stall: (ms: number) => void } {
    let stalledMs = 0;
    const ticks: number[] = [];
    const now = (): number => Date.now() + stalledMs;
    const loop = new TickLoop((nowMs) => ticks.push(nowMs), now);
    loop.start();
    return {
      loop,
      ticks,
      stall: (ms) => {
        stalledMs += ms;
      },
    };
  }

  it('ticks two hundred times a second, no more and no less', () => {
    const { loop, ticks } = running();
    jest.advanceTimersByTime(1_000);
    expect(ticks).toHaveLength(1_000 / TICK_MS);
    expect(loop.lagMs).toBe(0);
    loop.stop();
  });

  it('catches up after a short delay: later ticks keep their places', () => {
    const { loop, ticks, stall } = running();
    jest.advanceTimersByTime(10);
    stall(12);
    jest.advanceTimersByTime(40);
    loop.stop();
    expect(ticks.slice(-3).every((atMs) => atMs % TICK_MS === 0)).toBe(true);
    expect(ticks.at(-1)).toBe(60);
    expect(ticks).toHaveLength(12);
    expect(loop.lagMs).toBeGreaterThan(0);
  });

  it('starts again from now after a long one', () => {
    const { loop, ticks, stall } = running();
    jest.advanceTimersByTime(10);
    stall(5_000);
    jest.advanceTimersByTime(50);
    loop.stop();
    expect(ticks.length).toBeLessThan(14);
  });

  it('stops, from inside a tick too', () => {
    const ticks: number[] = [];
    const loop = new TickLoop(
      (nowMs) => {
        ticks.push(nowMs);
        loop.stop();
      },
      () => Date.now(),
    );
    loop.start();
    jest.advanceTimersByTime(100);
    expect(ticks).toEqual([TICK_MS]);
  });
});
