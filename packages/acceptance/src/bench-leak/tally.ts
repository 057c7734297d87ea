import { DIGITS } from '@sordino/testkit';
import type { JudgedCall, JudgedKey } from './judge/judge-call.ts';

/** The figures of one class of case, or of all. */
export interface Tally {
  readonly name: string;
  readonly keys: number;
  readonly decodable: number;
  readonly spurious: number;
  /** Of the keys, by the matched estimator. */
  readonly recovered: number;
  /** Share that guesses of the same kind would recover if they knew nothing: guesses set against other people's keys. */
  readonly chance: number;
  /** As many as this may be recovered by chance, once in ten thousand times. */
  readonly recoveredMax: number;
  readonly residualMsMax: number;
  /** Keys of which more than half a millisecond is left, the worst first. */
  readonly leaking: readonly JudgedKey[];
  readonly mustCapture: number;
  readonly captured: number;
  readonly lookbackMs: number;
  readonly voiceFound: number;
  readonly control: ControlTally;
}

interface ControlTally {
  /** Read by spandsp, of all keys. */
  readonly spandsp: number;
  /** How many keys the slower judges were given. */
  readonly sampled: number;
  readonly multimon: number;
  readonly recovered: number;
  readonly residualMsMax: number;
}

/** Less than this of any tone may be left: an estimator needs a millisecond and more. */
export const RESIDUAL_MS_MAX = 0.5;
/** One in ten thousand, of the normal distribution. */
const DEVIATIONS_MAX = 3.72;

export function tally(name: string, calls: readonly JudgedCall[]): Tally {
  const keys = calls.flatMap((call) => call.keys);
  const sampled = keys.flatMap(({ key, control }) => (control === undefined ? [] : [{ key, ...control }]));
  const chance = chanceOf(keys);
  const sure = keys.filter(({ mustCapture }) => mustCapture);
  return {
    name,
    keys: keys.length,
    decodable: sum(calls, ({ decodable }) => decodable),
    spurious: sum(calls, ({ spurious }) => spurious),
    recovered: count(keys, ({ key, masked }) => masked.estimated === key),
    chance,
    recoveredMax: keys.length * chance + DEVIATIONS_MAX * Math.sqrt(keys.length * chance * (1 - chance)) + 1,
    residualMsMax: most(keys.map(({ masked }) => masked.residualMs)),
    leaking: keys
      .filter(({ masked }) => masked.residualMs >= RESIDUAL_MS_MAX)
      .sort((one, other) => other.masked.residualMs - one.masked.residualMs),
    mustCapture: sure.length,
    captured: count(sure, ({ captured }) => captured),
    lookbackMs: most(calls.map(({ lookbackMs }) => lookbackMs)),
    voiceFound: calls.length === 0 ? 0 : sum(calls, ({ voiceFound }) => voiceFound) / calls.length,
    control: {
      spandsp: count(keys, ({ unmaskedBySpandsp }) => unmaskedBySpandsp),
      sampled: sampled.length,
      multimon: count(sampled, ({ multimon }) => multimon),
      recovered: count(sampled, ({ key, estimated }) => estimated === key),
      residualMsMax: most(sampled.map(({ residualMs }) => residualMs)),
    },
  };
}

/** How often a guess and the key of another press agree: for each digit, how often it was guessed times how often it was pressed. */
function chanceOf(keys: readonly JudgedKey[]): number {
  const shareOf = (holds: (key: JudgedKey) => boolean): number =>
    count(keys, holds) / Math.max(1, keys.length);
  return sum(
    DIGITS,
    (digit) => shareOf(({ masked }) => masked.estimated === digit) * shareOf(({ key }) => key === digit),
  );
}

const sum = <T>(list: readonly T[], read: (item: T) => number): number =>
  list.reduce((all, item) => all + read(item), 0);
const count = <T>(list: readonly T[], holds: (item: T) => boolean): number => list.filter(holds).length;
const most = (values: readonly number[]): number => values.reduce((one, other) => Math.max(one, other), 0);
