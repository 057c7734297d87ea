import { describe, expect, it } from '@jest/globals';
import type { LegQuality, Log, LogFields, SessionId } from '@sordino/core';
import { MOS_LOW, QualityWatch } from './quality-watch.ts';

function watch() {
  const lines: [string, string, LogFields | undefined][] = [];
  const write =
    (level: string) =>
    (message: string, fields?: LogFields): void => {
      lines.push([level, message, fields]);
    };
  const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { lines, quality: new QualityWatch('ses_1' as SessionId, log) };
}

const sample = (mos: number | null): LegQuality => ({
  at_ms: 0,
  packets: 500,
  lost: 50,
  loss_pct: 10,
  jitter_ms: 2,
  jitter_max_ms: 3,
  rtt_ms: null,
  mos,
});

describe('the log of a call', () => {
  it('says once that a leg sounds bad and once that it is good again, each leg for itself', () => {
    const { lines, quality } = watch();
    for (const mos of [4.2, MOS_LOW, 3.4, 2.1]) quality.sample('customer', sample(mos));
    quality.sample('clean', sample(3));
    for (const mos of [null, 1, 4, null]) quality.sample('customer', sample(mos));
    expect(lines.map(([level, , fields]) => [level, fields?.leg, fields?.mos])).toEqual([
      ['warn', 'leg6_media', 3.4],
      ['warn', 'leg7_out', 3],
      ['info', 'leg6_media', 4],
    ]);
    expect(lines[0]?.[2]).toMatchObject({ session: 'ses_1', loss_pct: 10, jitter_ms: 2, rtt_ms: null });
  });

  it('says which way audio is missing', () => {
    const { lines, quality } = watch();
    quality.oneWay('clean', 'not_hearing');
    quality.oneWay('clean', null);
    expect(lines).toEqual([
      [
        'warn',
        'audio flows in one direction only',
        { session: 'ses_1', leg: 'leg7_out', one_way: 'not_hearing' },
      ],
      ['info', 'audio flows in both directions again', { session: 'ses_1', leg: 'leg7_out' }],
    ]);
  });
});
