import { type Samples, STEPS, type Step } from './load.ts';
import type { Measured } from './measure.ts';
import type { StoreKind } from './protocol.ts';

interface Figure {
  readonly value: number;
  readonly unit: string;
  /** The same requests at bare Express routes that validate and store nothing. */
  readonly baseline: number;
  /** `value` for each of `baseline`; null where that is 0. */
  readonly ratio: number | null;
}

export type Figures = Readonly<Record<string, Figure>>;

const PERCENTILES = { p50: 0.5, p99: 0.99 } as const;
const round = (value: number): number => Math.round(100 * value) / 100;

export function figuresOf(measured: ReadonlyMap<StoreKind, Measured>, bare: Measured): Figures {
  const figures: [string, Figure][] = [];
  for (const [kind, ours] of measured) {
    const add = (name: string, unit: string, read: (from: Measured) => number): unknown => {
      const [value, baseline] = [round(read(ours)), round(read(bare))];
      const ratio = baseline === 0 ? null : round(value / baseline);
      return figures.push([`${name}_${kind}`, { value, unit, baseline, ratio }]);
    };
    add('sessions_per_core_second', 'sessions/CPU-s', ({ sessionsPerCoreSecond }) => sessionsPerCoreSecond);
    for (const step of STEPS)
      for (const [name, share] of Object.entries(PERCENTILES))
        add(`${step}_${name}_ms`, 'ms', ({ samples }) => percentile(samples, step, share));
  }
  return Object.fromEntries(figures);
}

/** Nearest rank. */
function percentile(samples: Samples, step: Step, share: number): number {
  const sorted = samples[step].toSorted((one, other) => one - other);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
}

export function table(figures: Figures): string {
  const rows = [
    ['figure', 'Sordino', 'bare Express', 'ratio', 'unit'],
    ...Object.entries(figures).map(([name, { value, baseline, ratio, unit }]) => [
      ...[name, value.toFixed(2), baseline.toFixed(2), ratio === null ? '' : String(ratio), unit],
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cells = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  return rows.map(cells).join('\n');
}
