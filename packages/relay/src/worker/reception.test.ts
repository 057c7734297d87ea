import { describe, expect, it } from '@jest/globals';
import { Reception } from './reception.ts';

function receive(sequences: readonly number[]): Reception {
  const reception = new Reception();
  for (const sequence of sequences) reception.count(sequence, undefined, 0);
  return reception;
}

describe('loss as RFC 3550 A.3 counts it', () => {
  it.each([
    ['nothing came', [], 0, 0],
    ['one packet', [5], 0, 5],
    ['in order', [5, 6, 7, 8], 0, 8],
    ['one of four missing', [5, 6, 8], 1, 8],
    ['late is not lost', [5, 7, 6, 8], 0, 8],
    ['over the wrap', [0xfffe, 0xffff, 1], 1, 0x1_0001],
    ['a late packet over the wrap', [0xffff, 1, 0], 0, 0x1_0001],
  ])('%s', (_, sequences, lost, highestSequence) => {
    const reception = receive(sequences);
    expect(reception.lost).toBe(lost);
    expect(reception.report()).toMatchObject({ cumulativeLost: lost, highestSequence });
  });

  it('doubled packets are less than no loss to the peer, and no loss to us', () => {
    const reception = receive([5, 5, 5]);
    expect(reception.report()).toMatchObject({ cumulativeLost: -2, fractionLost: 0, highestSequence: 5 });
    expect(reception.lost).toBe(0);
  });

  it('gives the fraction of the last interval only', () => {
    const reception = receive([1, 2, 3, 5]);
    expect(reception.report().fractionLost).toBe(Math.floor(256 / 5));
    for (const sequence of [6, 7, 8, 9]) reception.count(sequence, undefined, 0);
    expect(reception.report()).toMatchObject({ fractionLost: 0, cumulativeLost: 1 });
  });

  it('takes a jump for a new stream and keeps the sum of what was lost before', () => {
    const reception = receive([1, 3, 40_000, 40_001, 40_003]);
    expect(reception.lost).toBe(2);
    expect(reception.packets).toBe(5);
  });

  it('keeps its totals over a restart', () => {
    const reception = receive([1, 3]);
    reception.restart();
    reception.count(900, undefined, 0);
    expect(reception.lost).toBe(1);
    expect(reception.report()).toMatchObject({ cumulativeLost: 0, highestSequence: 900 });
  });
});

describe('jitter as RFC 3550 A.8 counts it', () => {
  it('is nothing on a steady stream, whatever the timestamps begin with', () => {
    const reception = new Reception();
    for (let n = 0; n < 50; n += 1) reception.count(n, (0xffff_ff00 + n * 160) >>> 0, 1_000 + n * 20);
    expect(reception.jitterMs).toBe(0);
  });

  it('moves by a sixteenth of each difference', () => {
    const reception = new Reception();
    reception.count(0, 0, 0);
    reception.count(1, 160, 36);
    expect(reception.jitterMs).toBeCloseTo(16 / 16);
    reception.count(2, 320, 56);
    expect(reception.jitterMs).toBeCloseTo(1 - 1 / 16);
    expect(reception.report().jitterTicks).toBe(7);
  });

  it('keeps its peak until it is asked for', () => {
    const reception = new Reception();
    for (let n = 0; n < 100; n += 1) reception.count(n, n * 160, n === 10 ? 16 + n * 20 : n * 20);
    expect(reception.jitterMs).toBeLessThan(0.1);
    expect(reception.takeJitterPeakMs()).toBeGreaterThan(1);
    expect(reception.takeJitterPeakMs()).toBeLessThan(0.1);
  });

  it('leaves telephone-events out: their timestamps stand still', () => {
    const reception = new Reception();
    reception.count(0, 0, 0);
    for (let n = 1; n < 10; n += 1) reception.count(n, undefined, n * 20);
    reception.count(10, 1_600, 200);
    expect(reception.jitterMs).toBe(0);
  });
});
