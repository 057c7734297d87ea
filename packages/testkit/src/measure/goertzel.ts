import { dbm0OfMeanSquare, SILENCE_DBM0 } from '../audio/level.ts';
import { SAMPLE_RATE_HZ } from '../audio/samples.ts';

/** A Hann window of this length, scaled so that a steady sine reads its true level. */
export function hannWindow(length: number): Float64Array {
  const window = Float64Array.from({ length }, (_, at) => 1 - Math.cos((2 * Math.PI * (at + 0.5)) / length));
  const mean = window.reduce((sum, value) => sum + value, 0) / length;
  return window.map((value) => value / mean);
}

/**
 * Mean square of the component at `frequencyHz` in `samples[from, from + window.length)`, by Goertzel's recursion.
 * What lies outside the array counts as silence.
 */
export function componentMeanSquare(
  samples: Int16Array,
  from: number,
  window: Float64Array,
  frequencyHz: number,
): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / SAMPLE_RATE_HZ);
  let last = 0;
  let beforeLast = 0;
  for (let at = 0; at < window.length; at++) {
    const state = (samples[from + at] ?? 0) * (window[at] ?? 0) + coefficient * last - beforeLast;
    beforeLast = last;
    last = state;
  }
  const magnitudeSquare = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  // A sine of peak A gives a magnitude of A * N / 2, and has a mean square of A^2 / 2.
  return (2 * magnitudeSquare) / (window.length * window.length);
}

/** Level in dBm0 of one frequency in one window. */
export function componentDbm0(
  samples: Int16Array,
  from: number,
  window: Float64Array,
  frequencyHz: number,
): number {
  return Math.max(SILENCE_DBM0, dbm0OfMeanSquare(componentMeanSquare(samples, from, window, frequencyHz)));
}
