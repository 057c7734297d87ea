import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Ticking, TickLoop } from './loop.ts';

/** Wants a tick every so often, at absolute times. */
class Metronome implements Ticking {
  readonly ticks: number[] = [];
  readonly #everyMs: number;
  dueMs: number;

  constructor(everyMs: number, firstMs = everyMs) {
    this.#everyMs = everyMs;
    this.dueMs = firstMs;
  }

  tick(nowMs: number): void {
    this.ticks.push(nowMs);
    this.dueMs += this.#everyMs;
  }
}

describe('the loop of a worker', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function running(...ticking: Ticking[]): { loop: TickLoop; stall: (ms: number) => void } {
    let stalledMs = 0;
    const loop = new TickLoop(() => Date.now() + stalledMs);
    for (const each of ticking) loop.add(each);
    return {
      loop,
      stall: (ms) => {
        stalledMs += ms;
      },
    };
  }

  it('ticks each one when it is due, no more and no less', () => {
    const [often, seldom] = [new Metronome(5), new Metronome(70)];
    const { loop } = running(often, seldom);
    jest.advanceTimersByTime(1_000);
    expect(often.ticks).toHaveLength(200);
    expect(seldom.ticks).toEqual(Array.from({ length: 14 }, (_, n) => 70 * (n + 1)));
    expect(loop.lagMs).toBe(0);
    loop.stop();
  });

  it('has no timer while nothing is due', () => {
    const idle: Ticking = { dueMs: Number.POSITIVE_INFINITY, tick: () => {} };
    const { loop } = running(idle);
    expect(jest.getTimerCount()).toBe(0);
    loop.stop();
  });

  it('can be told of something that is due before all else', () => {
    const later = new Metronome(500);
    const { loop } = running(later);
    later.dueMs = 20;
    loop.wake(20);
    jest.advanceTimersByTime(20);
    expect(later.ticks).toEqual([20]);
    loop.stop();
  });

  it('runs before its timer when packets bring it there late', () => {
    const metronome = new Metronome(10);
    const { loop, stall } = running(metronome);
    loop.runIfDue();
    expect(metronome.ticks).toEqual([]);
    stall(12);
    loop.runIfDue();
    expect(metronome.ticks).toEqual([12]);
    loop.stop();
  });

  it('catches up after a delay, and knows how late it was', () => {
    const metronome = new Metronome(5);
    const { loop, stall } = running(metronome);
    jest.advanceTimersByTime(10);
    stall(12);
    jest.advanceTimersByTime(40);
    expect(metronome.ticks).toHaveLength(12);
    expect(loop.lagMs).toBeGreaterThan(0);
    loop.stop();
  });

  it('forgets a delay within seconds', () => {
    const metronome = new Metronome(5);
    const { loop, stall } = running(metronome);
    jest.advanceTimersByTime(10);
    stall(3_000);
    jest.advanceTimersByTime(5);
    expect(loop.lagMs).toBeGreaterThan(40);
    jest.advanceTimersByTime(8_000);
    expect(loop.lagMs).toBeLessThan(40);
    loop.stop();
  });

  it('forgets it when there is nothing left to tick, too', () => {
    const metronome = new Metronome(5);
    const { loop, stall } = running(metronome);
    stall(3_000);
    jest.advanceTimersByTime(5);
    loop.remove(metronome);
    expect(loop.lagMs).toBeGreaterThan(40);
    jest.advanceTimersByTime(2_000);
    expect(loop.lagMs).toBe(0);
    loop.stop();
  });

  it('lets go of one that is removed, and of all when it stops', () => {
    const [one, other] = [new Metronome(5), new Metronome(5)];
    const { loop } = running(one, other);
    loop.remove(one);
    jest.advanceTimersByTime(5);
    expect([one.ticks, other.ticks]).toEqual([[], [5]]);
    loop.stop();
    jest.advanceTimersByTime(100);
    expect(other.ticks).toEqual([5]);
  });
});
