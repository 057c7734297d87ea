import type { Alarms } from './attestation.ts';
import type { Pair, Path, Row } from './measure.ts';
import { sumOf } from './measure.ts';
import { maskedPercent, type TalkOff } from './talk-off.ts';

interface Figure {
  readonly value: number;
  readonly unit: string;
  /** The same of spandsp, which does not mask. */
  readonly baseline: number;
  /** `value` for each of `baseline`; null where that is 0. */
  readonly ratio: number | null;
}

type FigureName =
  | 'accept_g711_pct'
  | 'accept_gsm_pct'
  | 'reject_reported_pct'
  | 'false_digits'
  | 'speech_masked_pct'
  | 'speech_masked_among_keys_pct'
  | 'speech_masked_field_open_pct'
  | 'speech_hours'
  | 'music_false_digits'
  | 'music_masked_pct'
  | 'whistling_false_digits'
  | 'whistling_masked_pct'
  | 'us_per_frame'
  | 'attestation_false_alarms'
  | 'attestation_music_alarms'
  | 'attestation_whistling_alarms'
  | 'attestation_us_per_frame';

export type DetectFigures = Readonly<Record<FigureName, Figure>>;

export interface Measured {
  readonly rows: readonly Row[];
  readonly speech: readonly Pair[];
  readonly amongKeys: TalkOff;
  readonly fieldOpen: TalkOff;
  readonly melodies: readonly Pair[];
  /** CPU time of the whole chain for 20 ms of speech. */
  readonly usPerFrame: number;
  readonly alarms: Alarms;
}

const BAR = {
  acceptG711: 99,
  acceptGsm: 98,
  rejectReported: 3,
  falseDigits: 0,
  speechMasked: 0.1,
  falseAlarms: 0,
};

const round = (value: number): number => Math.round(1000 * value) / 1000;

export function figuresOf({
  rows,
  speech,
  amongKeys,
  fieldOpen,
  melodies,
  usPerFrame,
  alarms,
}: Measured): DetectFigures {
  const figure = (unit: string, value: number, baseline: number): Figure => {
    const [ours, base] = [round(value), round(baseline)];
    return { value: ours, unit, baseline: base, ratio: base === 0 ? null : round(ours / base) };
  };
  const share = (wanted: Row['wanted'], paths: readonly Path[]): Figure => {
    const chosen = rows.filter((row) => row.wanted === wanted && paths.includes(row.path));
    const of = (who: 'ours' | 'spandsp') => {
      const scored = chosen.reduce(
        (sum, row) => sum + (wanted === 'accept' ? row[who].right : row[who].reported),
        0,
      );
      return (100 * scored) / chosen.reduce((sum, row) => sum + row[who].keys, 0);
    };
    return figure('%', of('ours'), of('spandsp'));
  };
  const heard = (pairs: readonly Pair[]) => ({ ours: sumOf(pairs, 'ours'), theirs: sumOf(pairs, 'spandsp') });
  const digits = (pairs: readonly Pair[]): Figure => {
    const { ours, theirs } = heard(pairs);
    return figure('digits', ours.falseDigits, theirs.falseDigits);
  };
  const masked = (pairs: readonly Pair[]): Figure => {
    const { ours, theirs } = heard(pairs);
    return figure('%', maskedPercent(ours), maskedPercent(theirs));
  };
  const [music, whistling] = [melodies.slice(0, 1), melodies.slice(1)];
  const hours = sumOf(speech, 'ours').hours;
  return {
    accept_g711_pct: share('accept', ['PCMU', 'PCMA']),
    accept_gsm_pct: share('accept', ['GSM']),
    reject_reported_pct: share('reject', ['PCMU', 'PCMA', 'GSM']),
    false_digits: digits(speech),
    speech_masked_pct: masked(speech),
    speech_masked_among_keys_pct: figure('%', maskedPercent(amongKeys), 0),
    speech_masked_field_open_pct: figure('%', maskedPercent(fieldOpen), 0),
    speech_hours: figure('h', hours, hours),
    music_false_digits: digits(music),
    music_masked_pct: masked(music),
    whistling_false_digits: digits(whistling),
    whistling_masked_pct: masked(whistling),
    us_per_frame: figure('us', usPerFrame, 0),
    attestation_false_alarms: figure('alarms', alarms.speech, digits(speech).baseline),
    attestation_music_alarms: figure('alarms', alarms.music, digits(music).baseline),
    attestation_whistling_alarms: figure('alarms', alarms.whistling, digits(whistling).baseline),
    attestation_us_per_frame: figure('us', alarms.usPerFrame, 0),
  };
}

/** Everything that misses the bar, a sentence each. */
export function failuresOf(figures: DetectFigures): string[] {
  const least = (name: FigureName, bar: number) =>
    figures[name].value >= bar ? [] : [`${name} is ${figures[name].value}, needs ${bar} at least`];
  const most = (name: FigureName, bar: number) =>
    figures[name].value <= bar ? [] : [`${name} is ${figures[name].value}, may be ${bar} at most`];
  return [
    ...least('accept_g711_pct', BAR.acceptG711),
    ...least('accept_gsm_pct', BAR.acceptGsm),
    ...most('reject_reported_pct', BAR.rejectReported),
    ...most('false_digits', BAR.falseDigits),
    ...most('speech_masked_pct', BAR.speechMasked),
    ...most('attestation_false_alarms', BAR.falseAlarms),
  ];
}

/** A row for each kind of key; in each path what share was accepted (or reported), ours and spandsp's. */
export function kindTable(rows: readonly Row[]): string {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  const cells = kinds.map((kind) => {
    const own = rows.filter((row) => row.kind === kind);
    const shares = own.flatMap(({ wanted, ours, spandsp }) =>
      [ours, spandsp].map((score) =>
        ((100 * (wanted === 'accept' ? score.right : score.reported)) / score.keys).toFixed(1),
      ),
    );
    return [own[0]?.wanted ?? '', kind, String(own[0]?.ours.keys ?? 0), ...shares];
  });
  const head = ['%', 'keys', 'each', 'u-law', 'spandsp', 'A-law', 'spandsp', 'GSM', 'spandsp'];
  return columns([head, ...cells], 2);
}

export function figureTable(figures: DetectFigures): string {
  return columns(
    [
      ['figure', 'Sordino', 'spandsp', 'unit'],
      ...Object.entries(figures).map(([name, { value, baseline, unit }]) => [
        ...[name, String(value), String(baseline), unit],
      ]),
    ],
    1,
  );
}

function columns(rows: readonly (readonly string[])[], left: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < left ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
