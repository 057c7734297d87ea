import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { yearMonthUtc } from './calendar.ts';
import { judgeExpiry } from './expiry.ts';

const at = (iso: string): number => Date.parse(iso);
const judge = (mmyy: string, iso: string) => judgeExpiry(new TextEncoder().encode(mmyy), at(iso));
const good = { ok: true };
const bad = (why: string) => ({ ok: false, why });

describe('an expiry date', () => {
  it.each([
    ['1126', '2026-11-22T08:00:00Z', good],
    ['1226', '2026-11-22T08:00:00Z', good],
    ['1026', '2026-11-22T08:00:00Z', bad('expired')],
    ['0127', '2026-11-22T08:00:00Z', good],
    ['1225', '2026-11-22T08:00:00Z', bad('expired')],
    // The month ends last in UTC-12: noon of the first, UTC.
    ['1126', '2026-12-01T11:59:59.999Z', good],
    ['1126', '2026-12-01T12:00:00Z', bad('expired')],
    ['1226', '2027-01-01T11:59:59Z', good],
    ['1226', '2027-01-01T12:00:00Z', bad('expired')],
    ['0228', '2028-02-29T23:59:59Z', good],
    ['1246', '2026-11-22T08:00:00Z', good],
    ['0147', '2026-11-22T08:00:00Z', bad('too_far')],
    ['1299', '2026-11-22T08:00:00Z', bad('expired')],
    ['1270', '2026-11-22T08:00:00Z', bad('too_far')],
    ['0105', '2095-06-01T00:00:00Z', good],
    ['0027', '2026-11-22T08:00:00Z', bad('month')],
    ['1327', '2026-11-22T08:00:00Z', bad('month')],
    ['9927', '2026-11-22T08:00:00Z', bad('month')],
    ['', '2026-11-22T08:00:00Z', bad('length')],
    ['127', '2026-11-22T08:00:00Z', bad('length')],
    ['12270', '2026-11-22T08:00:00Z', bad('length')],
    ['12/7', '2026-11-22T08:00:00Z', bad('length')],
  ])('%s at %s', (mmyy, iso, verdict) => {
    expect(judge(mmyy, iso)).toEqual(verdict);
  });

  it('is counted in calendar months as the platform counts them', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1970-01-01'), max: new Date('2400-01-01'), noInvalidDate: true }),
        (date) => {
          expect(yearMonthUtc(date.getTime())).toEqual({
            year: date.getUTCFullYear(),
            month: date.getUTCMonth() + 1,
          });
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
