import { describe, expect, it } from '@jest/globals';
import { Coalescing } from './coalescing.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('coalescing', () => {
  it('does not pause for a few datagrams', () => {
    const coalescing = new Coalescing(() => 0);
    for (let n = 0; n < 99; n += 1) coalescing.count();
    expect(coalescing.isPausing).toBe(false);
    coalescing.stop();
  });

  it('pauses when they come fast, and wakes for each again when they come slowly', async () => {
    let nowMs = 0;
    const coalescing = new Coalescing(() => nowMs);
    for (let n = 0; n < 100; n += 1) coalescing.count();
    nowMs = 50;
    for (let n = 0; n < 100; n += 1) coalescing.count();
    expect(coalescing.isPausing).toBe(true);
    for (const laterMs of [200, 400]) {
      nowMs = laterMs;
      await turn();
    }
    await turn();
    expect(coalescing.isPausing).toBe(false);
    coalescing.stop();
  });

  it('does not pause for datagrams that took long to come', () => {
    let nowMs = 0;
    const coalescing = new Coalescing(() => nowMs);
    for (let n = 0; n < 500; n += 1) {
      nowMs += 2;
      coalescing.count();
    }
    expect(coalescing.isPausing).toBe(false);
  });

  it('stops', async () => {
    const coalescing = new Coalescing(() => 0);
    for (let n = 0; n < 200; n += 1) coalescing.count();
    coalescing.stop();
    expect(coalescing.isPausing).toBe(false);
    await turn();
  });
});
