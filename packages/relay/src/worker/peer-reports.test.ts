import { describe, expect, it } from '@jest/globals';
import { PeerReports } from './peer-reports.ts';
import type { ReportBlock } from './rtcp-read.ts';

const US = 0xfeed;
const block = (changes: Partial<ReportBlock> = {}): ReportBlock => ({
  ssrc: US,
  cumulativeLost: 0,
  highestSequence: 100,
  jitterTicks: 0,
  lsr: 0,
  dlsr: 0,
  ...changes,
});

describe('the round trip', () => {
  it('is our time from sender report to answer, less what the peer kept it', () => {
    const reports = new PeerReports(US);
    reports.sent(0xabcd_0001, 1_000);
    reports.arrived([block({ lsr: 0xabcd_0001, dlsr: 65_536 })], 10, 2_080);
    expect(reports.rttMs).toBeCloseTo(80);
  });

  it.each([
    ['no sender report had arrived', block({ lsr: 0 })],
    ['an LSR that we never sent', block({ lsr: 77 })],
    ['a peer that kept it longer than it is old', block({ lsr: 5, dlsr: 0xffff_ffff })],
    ['a block about somebody else', block({ ssrc: 1, lsr: 5, dlsr: 0 })],
  ])('is not known: %s', (_, told) => {
    const reports = new PeerReports(US);
    reports.sent(5, 1_000);
    reports.arrived([told], 10, 1_050);
    expect(reports.rttMs).toBeNull();
  });

  it('of an answer to an older report counts too, and to one long past does not', () => {
    const reports = new PeerReports(US);
    for (let n = 1; n <= 5; n += 1) reports.sent(n, n * 5_000);
    reports.arrived([block({ lsr: 1 })], 10, 26_000);
    expect(reports.rttMs).toBeNull();
    reports.arrived([block({ lsr: 3, dlsr: 11 * 65_536 - 6_554 })], 10, 26_000);
    expect(reports.rttMs).toBeCloseTo(100, 0);
  });
});

describe('what arrives at the peer', () => {
  it('is told as it says, and never less than no loss', () => {
    const reports = new PeerReports(US);
    expect([reports.lost, reports.jitterMs]).toEqual([null, null]);
    reports.arrived([block({ cumulativeLost: 3, jitterTicks: 40 })], 10, 0);
    expect([reports.lost, reports.jitterMs]).toEqual([3, 5]);
    reports.arrived([block({ cumulativeLost: -2 })], 20, 0);
    expect(reports.lost).toBe(0);
  });

  it('is nothing when two reports name no progress while we sent', () => {
    const reports = new PeerReports(US);
    reports.arrived([block({ highestSequence: 100 })], 250, 0);
    reports.arrived([block({ highestSequence: 100 })], 500, 0);
    expect(reports.isDeaf).toBe(false);
    reports.arrived([block({ highestSequence: 100 })], 750, 0);
    expect(reports.isDeaf).toBe(true);
    reports.arrived([block({ highestSequence: 350 })], 1_000, 0);
    expect(reports.isDeaf).toBe(false);
  });

  it('is nothing when it reports and never names us', () => {
    const reports = new PeerReports(US);
    reports.arrived([], 250, 0);
    reports.arrived([block({ ssrc: 9 })], 500, 0);
    expect(reports.isDeaf).toBe(true);
  });

  it('is not judged while we send hardly anything: on hold, or reports in one burst', () => {
    const reports = new PeerReports(US);
    for (let n = 0; n < 10; n += 1) reports.arrived([], 3 + n, 0);
    expect(reports.isDeaf).toBe(false);
  });

  it('is forgotten with the peer', () => {
    const reports = new PeerReports(US);
    reports.sent(5, 0);
    reports.arrived([block({ cumulativeLost: 1, lsr: 5 })], 250, 10);
    for (const sent of [500, 750]) reports.arrived([], sent, 20);
    expect(reports.isDeaf).toBe(true);
    reports.restart();
    expect([reports.rttMs, reports.lost, reports.jitterMs, reports.isDeaf]).toEqual([
      null,
      null,
      null,
      false,
    ]);
    reports.arrived([block({ lsr: 5 })], 760, 30);
    expect(reports.rttMs).toBeNull();
  });
});
