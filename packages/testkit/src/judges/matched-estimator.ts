import { dtmfKeyAt, dtmfPair } from '../audio/dtmf.ts';
import { SAMPLE_RATE_HZ, SAMPLES_PER_MS } from '../audio/samples.ts';

/** What an eavesdropper takes a key to be one of. A card number has ten; a keypad has twelve, DTMF sixteen. */
export const DIGITS = [...'0123456789'];
export const DTMF_KEYS = [0, 1, 2, 3].flatMap((row) => [0, 1, 2, 3].map((column) => dtmfKeyAt(row, column)));

export interface EstimatorOptions {
  /** Keys that may have been pressed; default: the ten digits. */
  readonly keys?: readonly string[];
  /** Frequencies that the mask itself may sound at, which are no news. */
  readonly maskHz?: readonly number[];
}

export interface Estimate {
  readonly key: string;
  /** How much likelier than the second best key, as the natural logarithm of the ratio of likelihoods; 0: a guess. */
  readonly confidence: number;
  /** Where the window that it was read from begins, and how long it is: samples. */
  readonly from: number;
  readonly length: number;
}

/** One millisecond is four unknowns in eight samples: the least from which anything can be read. */
const WINDOWS_MS = [1, 1.5, 2, 3, 5, 8, 12, 20, 32, 50];
/** Windows move on by a quarter of themselves, and by half a millisecond at least. */
const STEP_SAMPLES_MIN = SAMPLES_PER_MS / 2;
/** Power of what no model explains at the least: rounding to whole numbers, and the last steps of G.711. */
const RESIDUAL_MIN = 4;

/**
 * The best that an eavesdropper can do who knows when each key was pressed: over windows of 1 to 50 ms anywhere from `from` to
 * `to`, which key's two sinusoids (any level, twist and phase) explain what was heard the most, taken from the window that is
 * the surest (generalised likelihood ratio). Reads a key from 1.5 ms of its onset.
 */
export function estimateKey(
  samples: Int16Array,
  from: number,
  to: number,
  options: EstimatorOptions = {},
): Estimate {
  const keys = options.keys ?? DIGITS;
  const maskHz = options.maskHz ?? [];
  let best: Estimate = { key: keys[0] ?? '', confidence: 0, from, length: 0 };
  for (const windowMs of WINDOWS_MS) {
    const length = Math.round(windowMs * SAMPLES_PER_MS);
    const models = modelsOf(length, keys, maskHz);
    const step = Math.max(STEP_SAMPLES_MIN, length >> 2);
    for (let at = from; at + length <= to && at + length <= samples.length; at += step) {
      const { key, confidence } = mostLikely(samples, at, length, models);
      if (confidence > best.confidence) best = { key, confidence, from: at, length };
    }
  }
  return best;
}

/** An orthonormal basis for each key. */
type Models = readonly (readonly [key: string, basis: readonly Float64Array[]])[];

function mostLikely(
  samples: Int16Array,
  at: number,
  length: number,
  models: Models,
): { key: string; confidence: number } {
  let energy = 0;
  for (let n = 0; n < length; n++) energy += (samples[at + n] ?? 0) ** 2;
  const noise = RESIDUAL_MIN * length;
  let [best, second, bestKey] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, ''];
  for (const [key, basis] of models) {
    let residual = energy + noise;
    for (const vector of basis) residual -= projection(samples, at, vector) ** 2;
    if (residual < best) [best, second, bestKey] = [residual, best, key];
    else if (residual < second) second = residual;
  }
  // Each unknown that is fitted takes a sample's worth of evidence away.
  const evidence = Math.max(1, length - (models[0]?.[1].length ?? 0)) / 2;
  return { key: bestKey, confidence: evidence * Math.log(Math.max(second, noise) / Math.max(best, noise)) };
}

function projection(samples: Int16Array, at: number, vector: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < vector.length; n++) sum += (samples[at + n] ?? 0) * (vector[n] ?? 0);
  return sum;
}

const cache = new Map<string, Models>();

function modelsOf(length: number, keys: readonly string[], maskHz: readonly number[]): Models {
  const name = `${length} ${keys.join('')} ${maskHz.join()}`;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const models: Models = keys.map((key) => {
    const { lowHz, highHz } = dtmfPair(key);
    return [key, orthonormal(length, [...maskHz, lowHz, highHz])];
  });
  cache.set(name, models);
  return models;
}

/** Sines and cosines of the frequencies, made orthonormal (Gram-Schmidt); what the earlier ones leave nothing of is left out. */
function orthonormal(length: number, frequenciesHz: readonly number[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const hz of frequenciesHz) {
    for (const phase of [0, Math.PI / 2]) {
      const vector = Float64Array.from({ length }, (_, n) =>
        Math.sin((2 * Math.PI * hz * n) / SAMPLE_RATE_HZ + phase),
      );
      for (const earlier of basis) add(vector, earlier, -dot(vector, earlier));
      const norm = Math.sqrt(dot(vector, vector));
      if (norm > 1e-6) basis.push(vector.map((value) => value / norm));
    }
  }
  return basis;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < one.length; n++) sum += (one[n] ?? 0) * (other[n] ?? 0);
  return sum;
}

function add(onto: Float64Array, vector: Float64Array, share: number): void {
  for (let n = 0; n < onto.length; n++) onto[n] = (onto[n] ?? 0) + share * (vector[n] ?? 0);
}
