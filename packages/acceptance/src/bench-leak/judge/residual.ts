import { rmsOfDbm0, SAMPLES_PER_MS } from '@sordino/testkit';
import { GRAM_SAMPLES, type StretchIndex } from './matching.ts';

/** Equal samples in a row, at a lag that the audio around is heard with, that are no coincidence: half a millisecond. */
const RUN_SAMPLES_MIN = 4;
/** A run as quiet as this might be the mask's own silence or noise. Mean of its absolute values. */
const RUN_LOUDNESS_MIN = 60;
/** A tone is audible where it is above this, and not more than 20 dB below its loudest: a ramp's first steps are not. */
const AUDIBLE_MEAN_SQUARE = rmsOfDbm0(-50) ** 2;
const AUDIBLE_SHARE = 0.01;
const SMOOTH_SAMPLES = SAMPLES_PER_MS;

/** For each sample of `tones[from, to)`: is a tone audible there? */
export function audibleIn(tones: Int16Array, from: number, to: number): Uint8Array {
  const power = Float64Array.from({ length: to - from }, (_, n) => {
    let sum = 0;
    for (let at = from + n - SMOOTH_SAMPLES / 2; at < from + n + SMOOTH_SAMPLES / 2; at += 1)
      sum += (tones[at] ?? 0) ** 2;
    return sum / SMOOTH_SAMPLES;
  });
  const loudest = power.reduce((most, value) => Math.max(most, value), 0);
  const least = Math.max(AUDIBLE_MEAN_SQUARE, AUDIBLE_SHARE * loudest);
  return Uint8Array.from(power, (value) => (value >= least ? 1 : 0));
}

export interface ToneSpan {
  /** First sample of the tone in the line, and how much of it is audible from there on. */
  readonly from: number;
  readonly audible: Uint8Array;
}

/**
 * Milliseconds of a tone that are to be heard: samples of it that come back in `heard[search)`, at one of the lags of the audio
 * around it in runs of half a millisecond, or at any lag in runs of a whole one.
 */
export function residualMs(
  said: Int16Array,
  heard: Int16Array,
  { from, audible }: ToneSpan,
  lags: readonly number[],
  index: StretchIndex,
  search: readonly [from: number, to: number],
): number {
  const left = new Set<number>();
  const isTone = (at: number): boolean => audible[at - from] === 1;
  for (const lag of lags) {
    let run = 0;
    let loudness = 0;
    for (let at = from; at <= from + audible.length; at += 1) {
      if (at < from + audible.length && isTone(at) && said[at] === heard[at + lag]) {
        run += 1;
        loudness += Math.abs(said[at] ?? 0);
        continue;
      }
      if (run >= RUN_SAMPLES_MIN && loudness >= run * RUN_LOUDNESS_MIN) {
        for (let back = 1; back <= run; back += 1) left.add(at - back + lag);
      }
      run = 0;
      loudness = 0;
    }
  }
  for (let at = Math.max(0, search[0]); at + GRAM_SAMPLES <= Math.min(search[1], heard.length); at += 1) {
    const isLeft = index
      .find(heard, at)
      .some((start) => isTone(start) && isTone(start + GRAM_SAMPLES - 1) && isLoud(said, start));
    if (isLeft) for (let n = 0; n < GRAM_SAMPLES; n += 1) left.add(at + n);
  }
  return left.size / SAMPLES_PER_MS;
}

function isLoud(samples: Int16Array, at: number): boolean {
  let sum = 0;
  for (let n = 0; n < GRAM_SAMPLES; n += 1) sum += Math.abs(samples[at + n] ?? 0);
  return sum >= GRAM_SAMPLES * RUN_LOUDNESS_MIN;
}
