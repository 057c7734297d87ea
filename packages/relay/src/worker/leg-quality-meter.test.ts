import { describe, expect, it } from '@jest/globals';
import { LegQualityMeter } from './leg-quality-meter.ts';
import { PeerReports } from './peer-reports.ts';
import { Reception } from './reception.ts';

const US = 0xfeed;
const block = { ssrc: US, cumulativeLost: 0, highestSequence: 1, jitterTicks: 0 };

function leg() {
  const [reception, reports] = [new Reception(), new PeerReports(US)];
  const meter = new LegQualityMeter(reception, reports);
  let sequence = 65_000;
  /** Ten seconds of 20 ms packets; `comes` says which, `lateMs` how late. */
  const tenSeconds = (
    comes: (n: number) => boolean = () => true,
    lateMs: (n: number) => number = () => 0,
  ) => {
    for (let n = 0; n < 500; n += 1) {
      const atMs = sequence * 20;
      if (comes(n)) reception.count(sequence & 0xffff, (sequence * 160) >>> 0, atMs + lateMs(n));
      sequence += 1;
    }
  };
  const tick = (nowMs: number) => meter.tick(nowMs, 1_000_000 + nowMs, 'PCMU', 20);
  return { meter, reports, tenSeconds, tick };
}

describe('ten seconds of a leg', () => {
  it('begin with the peer, and end when they are over', () => {
    const { meter, tenSeconds, tick } = leg();
    expect(tick(1e9)).toBeUndefined();
    meter.start(0);
    meter.start(5_000);
    tenSeconds();
    expect(tick(9_999)).toBeUndefined();
    expect(tick(10_000)).toEqual({
      at_ms: 1_010_000,
      packets: 500,
      lost: 0,
      loss_pct: 0,
      jitter_ms: 0,
      jitter_max_ms: 0,
      rtt_ms: null,
      mos: 4.39,
    });
    expect(tick(10_005)).toBeUndefined();
  });

  it('count the loss of their own time only', () => {
    const { meter, tenSeconds, tick } = leg();
    meter.start(0);
    tenSeconds((n) => n % 10 !== 5);
    const bad = tick(10_000);
    expect(bad).toMatchObject({ packets: 450, lost: 50, loss_pct: 10 });
    expect(bad?.mos).toBeLessThan(3.5);
    tenSeconds();
    expect(tick(20_000)).toMatchObject({ packets: 500, lost: 0, loss_pct: 0, mos: 4.39 });
  });

  it('show jitter and its peak, and both cost opinion', () => {
    const { meter, tenSeconds, tick } = leg();
    meter.start(0);
    tenSeconds(undefined, (n) => (n < 250 ? (n % 2) * 60 : 0));
    const sample = tick(10_000);
    expect(sample?.jitter_max_ms).toBeGreaterThan(30);
    expect(sample?.jitter_ms).toBeLessThan(1);
    tenSeconds(undefined, (n) => (n % 2) * 60);
    expect(tick(20_000)?.mos).toBeLessThan(sample?.mos ?? 0);
  });

  it('have the round trip that the peer told of', () => {
    const { meter, reports, tenSeconds, tick } = leg();
    meter.start(0);
    reports.sent(7, 0);
    reports.arrived([{ ...block, lsr: 7, dlsr: 0 }], 10, 600);
    tenSeconds();
    const sample = tick(10_000);
    expect(sample?.rtt_ms).toBe(600);
    expect(sample?.mos).toBeLessThan(4);
  });

  it('of silence have no opinion', () => {
    const { meter, tick } = leg();
    meter.start(0);
    expect(tick(10_000)).toMatchObject({ packets: 0, lost: 0, loss_pct: 0, mos: null });
  });

  it('are kept for a minute', () => {
    const { meter, tick } = leg();
    meter.start(0);
    for (let n = 1; n <= 9; n += 1) tick(n * 10_000);
    expect(meter.samples.map(({ at_ms }) => at_ms - 1_000_000)).toEqual(
      [4, 5, 6, 7, 8, 9].map((n) => n * 10_000),
    );
  });

  it('that the machine slept through are one', () => {
    const { meter, tick } = leg();
    meter.start(0);
    expect(tick(95_000)).toBeDefined();
    expect(tick(104_999)).toBeUndefined();
    expect(tick(105_000)).toBeDefined();
  });
});
