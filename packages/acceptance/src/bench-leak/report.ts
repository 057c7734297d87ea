import { PLAIN } from './plan/cases.ts';
import { RESIDUAL_MS_MAX, type Tally } from './tally.ts';

interface Figure {
  readonly value: number;
  readonly unit: string;
  /** The same calls without a mask. */
  readonly baseline: number;
  /** `value` for each of `baseline`; null where that is 0. */
  readonly ratio: number | null;
}

type FigureName =
  | 'decodable'
  | 'estimator_recovered_pct'
  | 'estimator_chance_pct'
  | 'residual_ms_max'
  | 'captured_pct'
  | 'lookback_ms'
  | 'keys';

export type LeakFigures = Readonly<Record<FigureName, Figure>>;

/** Leaking tones that are described. */
const SHOWN_MAX = 6;
/** What the judges have to hear of ordinary keys that nobody masks: a judge that hears less proves nothing. */
const CONTROL_MIN = { spandsp: 0.95, multimon: 0.9, estimator: 0.98, residualMs: 40, voiceFound: 0.5 };
/** And of every class, the estimator. */
const CONTROL_ESTIMATOR_MIN = 0.4;

const round = (value: number): number => Math.round(100 * value) / 100;
const percent = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

export function figuresOf(all: Tally): LeakFigures {
  const figure = (unit: string, value: number, baseline: number): Figure => {
    const [ours, base] = [round(value), round(baseline)];
    return { value: ours, unit, baseline: base, ratio: base === 0 ? null : round(ours / base) };
  };
  const { control, keys } = all;
  return {
    decodable: figure('digits', all.decodable, control.spandsp),
    estimator_recovered_pct: figure(
      '%',
      percent(all.recovered, keys),
      percent(control.recovered, control.sampled),
    ),
    estimator_chance_pct: figure('%', 100 * all.chance, 100 * all.chance),
    residual_ms_max: figure('ms', all.residualMsMax, control.residualMsMax),
    captured_pct: figure('%', percent(all.captured, all.mustCapture), percent(control.spandsp, keys)),
    lookback_ms: figure('ms', all.lookbackMs, 0),
    keys: figure('keys', keys, keys),
  };
}

/** Everything that is wrong, a sentence each: what leaked, and which judge proved deaf. */
export function failuresOf(tallies: readonly Tally[]): string[] {
  return tallies.flatMap((tally) =>
    [...leaksOf(tally), ...deafnessOf(tally)].map((what) => `${tally.name}: ${what}`),
  );
}

function leaksOf({ decodable, recovered, recoveredMax, keys, leaking }: Tally): string[] {
  return [
    ...(decodable > 0 ? [`${decodable} digits can be decoded`] : []),
    ...(recovered > recoveredMax ? [`the estimator recovers ${recovered} of ${keys} keys`] : []),
    ...(leaking.length > 0
      ? [`${RESIDUAL_MS_MAX} ms or more are left of ${leaking.length} of ${keys} tones`]
      : []),
    ...leaking
      .slice(0, SHOWN_MAX)
      .map(
        ({ tone, startMs, masked: { residualMs } }) =>
          `${residualMs.toFixed(2)} ms are left at ${startMs} ms: ` +
          `${tone.durationMs} ms, ${tone.levelDbm0.toFixed(1)} dBm0, twist ${tone.twistDb.toFixed(1)} dB, ` +
          `${tone.deviationPercent.toFixed(2)} % off, ramp ${tone.rampMs.toFixed(0)} ms`,
      ),
  ];
}

function deafnessOf({ name, keys, control, voiceFound }: Tally): string[] {
  const heard = (judge: string, share: number, least: number): string[] =>
    share >= least ? [] : [`CONTROL: ${judge} has ${share.toFixed(2)} of an unmasked call, needs ${least}`];
  const estimator = control.recovered / Math.max(1, control.sampled);
  if (!name.includes(PLAIN)) return heard('the estimator', estimator, CONTROL_ESTIMATOR_MIN);
  return [
    ...heard('spandsp', control.spandsp / Math.max(1, keys), CONTROL_MIN.spandsp),
    ...heard('multimon-ng', control.multimon / Math.max(1, control.sampled), CONTROL_MIN.multimon),
    ...heard('the estimator', estimator, CONTROL_MIN.estimator),
    ...heard('the measure of what is left', control.residualMsMax, CONTROL_MIN.residualMs),
    ...heard('the search for the voice on leg 7', voiceFound, CONTROL_MIN.voiceFound),
  ];
}

/** A row for each class of case: what the judges hear without a mask, and on leg 7. */
export function classTable(tallies: readonly Tally[]): string {
  const head = [
    'case',
    'keys',
    'spandsp',
    'multimon',
    'estimator',
    'decodable',
    'recovered',
    'chance',
    'left ms',
    'captured',
  ];
  return columns([
    ['', '', 'unmasked %', '', '', 'leg 7', '%', '%', 'at most', '%'],
    head,
    ...tallies.map(
      ({ name, keys, control, decodable, recovered, chance, residualMsMax, captured, mustCapture }) => [
        ...[name, String(keys), whole(control.spandsp, keys), whole(control.multimon, control.sampled)],
        ...[whole(control.recovered, control.sampled), String(decodable), whole(recovered, keys)],
        ...[(100 * chance).toFixed(0), residualMsMax.toFixed(2)],
        mustCapture === 0 ? '-' : percent(captured, mustCapture).toFixed(1),
      ],
    ),
  ]);
}

export function figureTable(figures: LeakFigures): string {
  return columns([
    ['figure', 'leg 7', 'unmasked', 'unit'],
    ...Object.entries(figures).map(([name, { value, baseline, unit }]) => [
      name,
      String(value),
      String(baseline),
      unit,
    ]),
  ]);
}

const whole = (part: number, of: number): string => percent(part, of).toFixed(0);

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
