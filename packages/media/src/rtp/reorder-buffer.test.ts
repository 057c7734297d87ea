import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { REORDER_PACKETS_MAX, ReorderBuffer } from './reorder-buffer.ts';
import { sequenceDistance } from './wraparound.ts';

function receiver() {
  const delivered: number[] = [];
  const restarts: number[] = [];
  const buffer = new ReorderBuffer((payload, length, timestamp, newStream) => {
    delivered.push(timestamp);
    expect([...payload.subarray(0, length)]).toEqual([timestamp & 0xff]);
    if (newStream) restarts.push(timestamp);
  });
  /** The timestamp names the packet, so that a test can tell packets of one number apart. */
  const arrive = (...sequences: number[]): void => {
    for (const sequence of sequences) {
      buffer.offer(sequence & 0xffff, sequence, Uint8Array.of(sequence & 0xff), 1);
    }
  };
  return { buffer, delivered, restarts, arrive };
}

describe('reorder buffer', () => {
  it('lets packets in sequence straight through', () => {
    const { buffer, delivered, arrive } = receiver();
    arrive(65_534, 65_535, 65_536, 65_537);
    expect(delivered).toEqual([65_534, 65_535, 65_536, 65_537]);
    expect(buffer.held).toBe(0);
  });

  it('waits for a packet that was overtaken', () => {
    const { buffer, delivered, arrive } = receiver();
    arrive(1, 3, 2, 4);
    expect(delivered).toEqual([1, 2, 3, 4]);
    expect([buffer.lost, buffer.late]).toEqual([0, 0]);
  });

  it('stops waiting when it is full, and counts the packet as lost', () => {
    const { buffer, delivered, arrive } = receiver();
    arrive(1, 3, 4, 5);
    expect(delivered).toEqual([1]);
    arrive(6);
    expect(delivered).toEqual([1, 3, 4, 5, 6]);
    expect(buffer.lost).toBe(1);
  });

  it('stops waiting when it is told to', () => {
    const { buffer, delivered, arrive } = receiver();
    arrive(1, 4, 6);
    expect(buffer.giveUp()).toBe(true);
    expect(delivered).toEqual([1, 4]);
    expect(buffer.giveUp()).toBe(true);
    expect(buffer.giveUp()).toBe(false);
    expect(delivered).toEqual([1, 4, 6]);
    expect(buffer.lost).toBe(3);
  });

  it('drops duplicates, of delivered and of held packets, and what comes too late', () => {
    const { buffer, delivered, arrive } = receiver();
    arrive(1, 1, 3, 3);
    buffer.giveUp();
    arrive(2, 4);
    expect(delivered).toEqual([1, 3, 4]);
    expect(buffer.late).toBe(3);
  });

  it('takes a far jump either way as a new start and loses nothing it held', () => {
    const { delivered, restarts, arrive } = receiver();
    arrive(1, 3, 40_000, 40_001, 100);
    expect(delivered).toEqual([1, 3, 40_000, 40_001, 100]);
    expect(restarts).toEqual([1, 40_000, 100]);
  });

  it('starts anew after a restart, with any number', () => {
    const { buffer, delivered, restarts, arrive } = receiver();
    arrive(7);
    buffer.restart();
    arrive(5, 6);
    expect(delivered).toEqual([7, 5, 6]);
    expect(restarts).toEqual([7, 5]);
  });

  it('holds nothing after a wipe', () => {
    const { buffer, delivered, arrive } = receiver();
    arrive(1, 3);
    buffer.wipe();
    expect(buffer.held).toBe(0);
    expect(buffer.giveUp()).toBe(false);
    arrive(9);
    expect(delivered).toEqual([1, 9]);
  });

  it('restores any order in which no packet is overtaken by more than it holds', () => {
    const shuffles = fc.array(fc.integer({ min: 0, max: REORDER_PACKETS_MAX }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), shuffles, (start, delays) => {
        const { delivered, arrive } = receiver();
        const sent = delays.map((delay, n) => ({ sequence: start + n, at: n === 0 ? -1 : n + delay }));
        const order = [...sent].sort((a, b) => a.at - b.at || a.sequence - b.sequence);
        arrive(...order.map(({ sequence }) => sequence));
        expect(delivered).toEqual(sent.map(({ sequence }) => sequence));
      }),
    );
  });

  it('delivers in order and each packet at most once, whatever arrives', () => {
    const nearby = fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), nearby, (start, offsets) => {
        const { buffer, delivered, arrive } = receiver();
        arrive(start, ...offsets.map((offset) => start + offset));
        while (buffer.giveUp()) {
          // Until nothing is held.
        }
        for (let n = 1; n < delivered.length; n += 1) {
          expect(sequenceDistance(delivered[n - 1] ?? 0, delivered[n] ?? 0)).toBeGreaterThan(0);
        }
      }),
    );
  });
});
