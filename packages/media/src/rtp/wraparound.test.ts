import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextSequence, nextTimestamp, sequenceDistance, timestampDistance } from './wraparound.ts';

const sequences = fc.integer({ min: 0, max: 0xffff });
const timestamps = fc.integer({ min: 0, max: 0xffff_ffff });

describe('numbers on a circle', () => {
  it.each([
    [65_535, 0, 1],
    [0, 65_535, -1],
    [65_000, 464, 1000],
    [10, 10, 0],
    [0, 32_767, 32_767],
    [0, 32_768, -32_768],
  ])('sequence %d to %d is %d', (earlier, later, distance) => {
    expect(sequenceDistance(earlier, later)).toBe(distance);
  });

  it.each([
    [0xffff_ffff, 0, 1],
    [0, 0xffff_ffff, -1],
    [0xffff_ff60, 0, 160],
    [0, 0x7fff_ffff, 0x7fff_ffff],
    [0, 0x8000_0000, -0x8000_0000],
  ])('timestamp %d to %d is %d', (earlier, later, distance) => {
    expect(timestampDistance(earlier, later)).toBe(distance);
  });

  it('a step forward is measured as that step, wherever the circle closes', () => {
    fc.assert(
      fc.property(sequences, fc.integer({ min: -32_768, max: 32_767 }), (start, step) => {
        expect(sequenceDistance(start, nextSequence(start, step))).toBe(step);
      }),
    );
    fc.assert(
      fc.property(timestamps, fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }), (start, ticks) => {
        expect(timestampDistance(start, nextTimestamp(start, ticks))).toBe(ticks);
      }),
    );
  });

  it('numbers stay within their width', () => {
    fc.assert(
      fc.property(sequences, timestamps, fc.integer(), (sequence, timestamp, step) => {
        expect(nextSequence(sequence, step)).toBeGreaterThanOrEqual(0);
        expect(nextSequence(sequence, step)).toBeLessThanOrEqual(0xffff);
        expect(nextTimestamp(timestamp, step)).toBeGreaterThanOrEqual(0);
        expect(nextTimestamp(timestamp, step)).toBeLessThanOrEqual(0xffff_ffff);
      }),
    );
  });
});
