import type { Measured } from './measure.ts';

/** The bar: so many bridged calls a second on one core, none failed, nothing sent twice. */
const CALLS_PER_CORE_SECOND_MIN = 400;

interface Figure {
  readonly value: number;
  readonly unit: string;
  /** The same with the untouched parser of sip.js. */
  readonly baseline: number;
  /** `value` for each of `baseline`; null where that is 0. */
  readonly ratio: number | null;
}

type FigureName =
  | 'calls_per_core_second'
  | 'offered_per_second'
  | 'failed'
  | 'retransmissions'
  | 'heap_growth_mb'
  | 'setup_p99_ms'
  | 'calls';

export type Figures = Readonly<Record<FigureName, Figure>>;

const MIB = 1_048_576;
const round = (value: number): number => Math.round(100 * value) / 100;

export function figuresOf(ours: Measured, baseline: Measured): Figures {
  const figure = (unit: string, read: (measured: Measured) => number): Figure => {
    const [value, base] = [round(read(ours)), round(read(baseline))];
    return { value, unit, baseline: base, ratio: base === 0 ? null : round(value / base) };
  };
  return {
    calls_per_core_second: figure('calls/CPU-s', ({ callsPerCoreSecond }) => callsPerCoreSecond),
    offered_per_second: figure('calls/s', ({ best }) => best?.ratePerS ?? 0),
    failed: figure('calls', sum('failed')),
    retransmissions: figure('messages', sum('retransmissions')),
    heap_growth_mb: figure('MiB', ({ heapGrowthBytes }) => heapGrowthBytes / MIB),
    setup_p99_ms: figure('ms', ({ best }) => best?.setupP99Ms ?? Number.NaN),
    calls: figure('calls', ({ calls }) => calls),
  };
}

/** Up to the rate that the bar names: what lies beyond is how the limit was found. */
const sum =
  (name: 'failed' | 'retransmissions') =>
  ({ steps }: Measured): number =>
    steps
      .filter(({ ratePerS }) => ratePerS <= CALLS_PER_CORE_SECOND_MIN)
      .reduce((all, step) => all + step[name], 0);

export function meetsBar({ calls_per_core_second: speed, failed, retransmissions }: Figures): boolean {
  return speed.value >= CALLS_PER_CORE_SECOND_MIN && failed.value === 0 && retransmissions.value === 0;
}

export function table(figures: Figures): string {
  const rows = [
    ['figure', 'Sordino', 'sip.js parser', 'ratio', 'unit'],
    ...Object.entries(figures).map(([name, { value, baseline, ratio, unit }]) => [
      ...[name, String(value), String(baseline), ratio === null ? '' : String(ratio), unit],
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 || column === 4
            ? cell.padEnd(widths[column] ?? 0)
            : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
