/** One look at the system, each a line of the CSV file. */
export interface SoakSample {
  readonly atS: number;
  /** After a forced collection. */
  readonly heapMb: number;
  readonly rssMb: number;
  /** Of the process so far, s. */
  readonly cpuS: number;
  readonly begun: number;
  readonly failed: number;
  /** Calls, legs, transactions, timers that are open now. */
  readonly open: Readonly<Record<string, number>>;
}

export function toCsv(samples: readonly SoakSample[]): string {
  const names = Object.keys(samples[0]?.open ?? {});
  const head = ['at_s', 'heap_mb', 'rss_mb', 'cpu_s', 'begun', 'failed', ...names].join(',');
  const lines = samples.map(({ atS, heapMb, rssMb, cpuS, begun, failed, open }) =>
    [
      ...[atS, heapMb, rssMb, cpuS].map((value) => value.toFixed(1)),
      ...[begun, failed],
      ...names.map((name) => open[name] ?? 0),
    ].join(','),
  );
  return `${[head, ...lines].join('\n')}\n`;
}

/** Share of the run after which every cache and remembered list is full, and the code compiled. */
const SETTLED = 0.4;

/** MB per hour of the heap while calls came: a straight line through what is left without the first part. */
export function growthPerHour(samples: readonly SoakSample[], untilS: number): number {
  const settled = samples.filter(({ atS }) => atS >= SETTLED * untilS && atS <= untilS);
  const mean = (read: (sample: SoakSample) => number): number =>
    settled.reduce((sum, sample) => sum + read(sample), 0) / settled.length;
  const [meanS, meanMb] = [mean(({ atS }) => atS), mean(({ heapMb }) => heapMb)];
  const covariance = mean(({ atS, heapMb }) => (atS - meanS) * (heapMb - meanMb));
  const variance = mean(({ atS }) => (atS - meanS) ** 2);
  return variance === 0 ? 0 : (3_600 * covariance) / variance;
}
