import { describe, expect, it } from '@jest/globals';
import { mosFromRating, mosOf } from './e-model.ts';

const g711 = (delayMs: number, lossPct: number): number => mosOf({ codec: 'PCMU', delayMs, lossPct });

describe('the opinion score of a call', () => {
  it.each([
    // G.107 Annex B, Table B.1.
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
    [0, 1],
    [-20, 1],
    [1, 1],
    [100, 4.5],
    [120, 4.5],
  ])('rating %d is %d', (rating, mos) => expect(mosFromRating(rating)).toBeCloseTo(mos, 1));

  it('of G.711 without delay or loss is that of the default call of G.107', () => {
    expect(g711(0, 0)).toBeCloseTo(4.41, 2);
    expect(mosOf({ codec: 'pcma', delayMs: 0, lossPct: 0 })).toBe(g711(0, 0));
  });

  it.each([
    // G.107's own curve for TELR 65: little until 150 ms, then a slope.
    [50, 4.37, 4.41],
    [150, 4.25, 4.36],
    [300, 3.5, 3.95],
    [500, 2.8, 3.35],
  ])('falls with %d ms of delay to between %d and %d', (delayMs, min, max) => {
    expect(g711(delayMs, 0)).toBeGreaterThanOrEqual(min);
    expect(g711(delayMs, 0)).toBeLessThanOrEqual(max);
  });

  it('falls with every step of loss and of delay, and stays between 1 and 4.5', () => {
    for (const codec of ['PCMU', 'G722', 'L16/8000', 'L16/16000', 'opus', 'what is that']) {
      for (let step = 0; step < 40; step += 1) {
        const now = mosOf({ codec, delayMs: 25 * step, lossPct: 2.5 * step });
        const worse = mosOf({ codec, delayMs: 25 * (step + 1), lossPct: 2.5 * (step + 1) });
        expect(worse).toBeLessThanOrEqual(now);
        expect(now).toBeGreaterThanOrEqual(1);
        expect(now).toBeLessThanOrEqual(4.5);
      }
    }
  });

  it('5 % of loss costs G.711 with concealment about 15 points', () => {
    // Ie-eff = 95 * 5 / (5 + 25.1) = 15.8
    expect(g711(0, 5)).toBeCloseTo(mosFromRating(93.2 - 15.78), 1);
  });

  it('of a codec without concealment falls faster', () => {
    expect(mosOf({ codec: 'G722', delayMs: 0, lossPct: 5 })).toBeLessThan(3.4);
  });

  it.each([-5, 250])('takes %d %% of loss as the nearest that can be', (lossPct) => {
    expect(g711(0, lossPct)).toBe(g711(0, lossPct < 0 ? 0 : 100));
  });
});
