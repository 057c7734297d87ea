import type { Step } from './measure.ts';

/** The bars of the media relay. */
const CPU_RATIO_MAX = 0.5;
const ADDED_P50_MS_MAX = 1;
const ADDED_P99_MS_MAX = 5;
/** Up to this share of a core the bars for delay and loss hold; beyond it a relay is on its way to being full. */
const CORE_MAX = 0.7;

interface Figure {
  readonly value: number;
  readonly unit: string;
  /** rtpengine's. */
  readonly baseline: number;
  /** `value` for each of `baseline`; null where that is 0. */
  readonly ratio: number | null;
}

type FigureName =
  | 'cpu_ms_per_call_second'
  | 'added_ms_p50'
  | 'added_ms_p99'
  | 'lost_pct'
  | 'calls_per_core'
  | 'gc_ms_per_second'
  | 'gc_ms_max'
  | 'loop_lag_ms'
  | 'srtp_cpu_ms_per_call_second'
  | 'srtp_added_ms_p99'
  | 'srtp_lost_pct'
  | 'opus_cpu_ms_per_call_second'
  | 'opus_added_ms_p99'
  | 'opus_lost_pct';

export type Figures = Readonly<Record<FigureName, Figure>>;

const round = (value: number): number => Math.round(1_000 * value) / 1_000;

/** The largest number of calls that took no more than the core's share; the smallest of all when none did. */
function reference(steps: readonly Step[]): Step {
  const within = steps.filter(({ core }) => core <= CORE_MAX);
  const step = within.at(-1) ?? steps[0];
  if (step === undefined) throw new Error('nothing was measured');
  return step;
}

/** Both relays under the same load. */
export interface Pair {
  readonly ours: readonly Step[];
  readonly rtpengine: readonly Step[];
}

type Read = (unit: string, read: (step: Step) => number) => Figure;

/** CPU is compared at equal numbers of calls, delays and loss are ours within our share of the core. */
function reader({ ours, rtpengine }: Pair): Read {
  return readerAt(reference(ours), rtpengine);
}

/** Where both are within their share of the core, if they ever are: of one that is full, a call costs less because it is not served. */
function cpuReader({ ours, rtpengine }: Pair): Read {
  const within = new Set(rtpengine.filter(({ core }) => core <= CORE_MAX).map(({ calls }) => calls));
  const shared = ours.filter(({ calls }) => within.has(calls));
  return readerAt(reference(shared.length === 0 ? ours : shared), rtpengine);
}

function readerAt(step: Step, rtpengine: readonly Step[]): Read {
  const same = rtpengine.find(({ calls }) => calls === step.calls) ?? reference(rtpengine);
  return (unit, read) => {
    const [value, baseline] = [round(read(step)), round(read(same))];
    return { value, unit, baseline, ratio: baseline === 0 ? null : round(value / baseline) };
  };
}

export function figuresOf(rtp: Pair, srtp: Pair, opus: Pair): Figures {
  const [plain, encrypted, inOpus] = [reader(rtp), reader(srtp), reader(opus)];
  const [plainCpu, encryptedCpu, opusCpu] = [cpuReader(rtp), cpuReader(srtp), cpuReader(opus)];
  return {
    cpu_ms_per_call_second: plainCpu('ms', ({ cpuMsPerCallSecond }) => cpuMsPerCallSecond),
    added_ms_p50: plain('ms', ({ addedMs }) => addedMs.p50),
    added_ms_p99: plain('ms', ({ addedMs }) => addedMs.p99),
    lost_pct: plain('%', ({ lostPct }) => lostPct),
    calls_per_core: plainCpu('calls', ({ cpuMsPerCallSecond }) => Math.floor(1_000 / cpuMsPerCallSecond)),
    gc_ms_per_second: plain('ms', ({ troubles }) => troubles?.gcMsPerS ?? 0),
    gc_ms_max: plain('ms', ({ troubles }) => troubles?.gcMaxMs ?? 0),
    loop_lag_ms: plain('ms', ({ troubles }) => troubles?.loopLagMs ?? 0),
    srtp_cpu_ms_per_call_second: encryptedCpu('ms', ({ cpuMsPerCallSecond }) => cpuMsPerCallSecond),
    srtp_added_ms_p99: encrypted('ms', ({ addedMs }) => addedMs.p99),
    srtp_lost_pct: encrypted('%', ({ lostPct }) => lostPct),
    opus_cpu_ms_per_call_second: opusCpu('ms', ({ cpuMsPerCallSecond }) => cpuMsPerCallSecond),
    opus_added_ms_p99: inOpus('ms', ({ addedMs }) => addedMs.p99),
    opus_lost_pct: inOpus('%', ({ lostPct }) => lostPct),
  };
}

export function meetsBar(figures: Figures): boolean {
  return (
    (figures.cpu_ms_per_call_second.ratio ?? 1) <= CPU_RATIO_MAX &&
    figures.added_ms_p50.value <= ADDED_P50_MS_MAX &&
    figures.added_ms_p99.value <= ADDED_P99_MS_MAX &&
    figures.lost_pct.value === 0
  );
}

const HEAD = [
  'relay',
  'media',
  'calls',
  'core',
  'ms CPU/call-s',
  'p50 ms',
  'p99 ms',
  'lost %',
  'GC ms/s',
  'GC max',
  'lag ms',
];

export interface Row {
  readonly relay: string;
  readonly media: string;
  readonly step: Step;
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ relay, media, step }) => [
    relay,
    media,
    String(step.calls),
    step.core.toFixed(2),
    step.cpuMsPerCallSecond.toFixed(2),
    step.addedMs.p50.toFixed(2),
    step.addedMs.p99.toFixed(2),
    step.lostPct.toFixed(3),
    ...(step.troubles === undefined
      ? ['', '', '']
      : [step.troubles.gcMsPerS, step.troubles.gcMaxMs, step.troubles.loopLagMs].map((ms) => ms.toFixed(1))),
  ]);
  const widths = HEAD.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  return [HEAD, ...cells]
    .map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
    .join('\n');
}
