import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { DgramIo } from './io/dgram-io.ts';
import { type PortPair, PortPairs, pairsIn, splitRange } from './port-pair.ts';

const io = new DgramIo();
let nowMs = 0;
const now = (): number => nowMs;

/** Four even/odd pairs that nothing uses at the moment. */
async function freeRange(): Promise<{ min: number; max: number }> {
  const any = new PortPairs(io, '127.0.0.1', { min: 0, max: 0 }, now);
  for (;;) {
    const pair = await any.reserve();
    if (pair === undefined) throw new Error('no free ports on this machine');
    await pair.close();
    const range = { min: pair.rtpPort, max: pair.rtpPort + 7 };
    const pairs = new PortPairs(io, '127.0.0.1', range, now);
    const all = [await pairs.reserve(), await pairs.reserve(), await pairs.reserve(), await pairs.reserve()];
    await Promise.all(all.map((taken) => taken?.close()));
    if (all.every((taken) => taken !== undefined)) return range;
  }
}

describe('port pairs', () => {
  it('are an even port and the odd one above it', async () => {
    const pairs = new PortPairs(io, '127.0.0.1', { min: 0, max: 0 }, now);
    const taken = await Promise.all(Array.from({ length: 8 }, () => pairs.reserve()));
    for (const pair of taken) {
      expect((pair?.rtpPort ?? 1) % 2).toBe(0);
      expect(pair?.rtcp.port).toBe((pair?.rtpPort ?? 0) + 1);
    }
    expect(new Set(taken.map((pair) => pair?.rtpPort)).size).toBe(8);
    await Promise.all(taken.map((pair) => pair?.close()));
  });

  it('end when the range is used up, and come back when one is closed', async () => {
    const range = await freeRange();
    const pairs = new PortPairs(io, '127.0.0.1', range, now);
    const taken: (PortPair | undefined)[] = [];
    for (let n = 0; n < 4; n += 1) taken.push(await pairs.reserve());
    expect(taken.map((pair) => pair?.rtpPort)).toEqual([0, 2, 4, 6].map((offset) => range.min + offset));
    expect(await pairs.reserve()).toBeUndefined();
    await taken[2]?.close();
    await taken[2]?.close();
    const again = await pairs.reserve();
    expect(again?.rtpPort).toBe(range.min + 4);
    await Promise.all([taken[0], taken[1], taken[3], again].map((pair) => pair?.close()));
  });

  it('step over a pair of which one half is taken', async () => {
    const range = await freeRange();
    const squatter = createSocket('udp4').bind(range.min + 1, '127.0.0.1');
    await once(squatter, 'listening');
    const pairs = new PortPairs(io, '127.0.0.1', range, now);
    const pair = await pairs.reserve();
    expect(pair?.rtpPort).toBe(range.min + 2);
    await pair?.close();
    squatter.close();
    await once(squatter, 'close');
  });

  it('rest before they are used again, the one that was closed first the shortest', async () => {
    const range = await freeRange();
    const pairs = new PortPairs(io, '127.0.0.1', range, now);
    const taken = [await pairs.reserve(), await pairs.reserve()];
    await Promise.all(taken.map((pair) => pair?.close()));
    expect(pairs.figures()).toEqual({ pairs: 4, used: 0, resting: 2, refused: 0 });
    const others = [await pairs.reserve(), await pairs.reserve()];
    expect(others.map((pair) => (pair?.rtpPort ?? 0) - range.min)).toEqual([4, 6]);
    // Nothing else is left: a call is better than a refusal.
    const early = await pairs.reserve();
    expect((early?.rtpPort ?? 0) - range.min).toBe(0);
    expect(pairs.figures()).toEqual({ pairs: 4, used: 3, resting: 2, refused: 0 });
    const last = await pairs.reserve();
    expect(await pairs.reserve()).toBeUndefined();
    expect(pairs.figures()).toMatchObject({ used: 4, refused: 1 });
    await Promise.all([...others, early, last].map((pair) => pair?.close()));
    nowMs += 9_999;
    expect(pairs.figures()).toMatchObject({ used: 0, resting: 4 });
    nowMs += 1;
    expect(pairs.figures()).toMatchObject({ used: 0, resting: 0 });
  });

  it('of the system have no count and no rest', async () => {
    const pairs = new PortPairs(io, '127.0.0.1', { min: 0, max: 0 }, now);
    const pair = await pairs.reserve();
    expect(pairs.figures()).toEqual({ pairs: null, used: 1, resting: 0, refused: 0 });
    await pair?.close();
    expect(pairs.figures()).toEqual({ pairs: null, used: 0, resting: 0, refused: 0 });
  });
});

describe('a range shared out', () => {
  it.each([
    [{ min: 20_000, max: 20_007 }, 4],
    [{ min: 20_001, max: 20_008 }, 3],
    [{ min: 20_000, max: 20_000 }, 0],
    [{ min: 20_000, max: 20_001 }, 1],
  ])('%p holds %d pairs', (range, pairs) => {
    expect(pairsIn(range)).toBe(pairs);
  });

  it.each([1, 2, 3, 7])('gives %d workers shares that do not meet and lose no pair', (shares) => {
    const range = { min: 20_001, max: 20_999 };
    const split = splitRange(range, shares);
    expect(split.reduce((sum, share) => sum + pairsIn(share), 0)).toBe(pairsIn(range));
    for (const [index, share] of split.entries()) {
      expect(share.min % 2).toBe(0);
      expect(share.max).toBeLessThanOrEqual(range.max);
      const next = split[index + 1];
      if (next !== undefined) expect(share.max).toBeLessThan(next.min);
    }
  });
});
