import { DTMF_HIGH_HZ, DTMF_LOW_HZ, dtmfKeyAt, dtmfPair } from '../audio/dtmf.ts';
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
      const { key, confidence } = mostLikely(samples, at, models);
      if (confidence > best.confidence) best = { key, confidence, from: at, length };
    }
  }
  return best;
}

/** What one length of window is compared with. */
interface Models {
  readonly length: number;
  /** Sine and cosine of every frequency, one after the other. */
  readonly waves: readonly Float64Array[];
  readonly keys: readonly KeyModel[];
  /** Scratch: how much of each wave the window has. */
  readonly shares: Float64Array;
}

interface KeyModel {
  readonly key: string;
  /** Which waves the key may be made of. */
  readonly waves: readonly number[];
  /** Cholesky factor of those waves' inner products, row by row: turns shares into lengths along right-angled axes. */
  readonly factor: readonly Float64Array[];
}

function mostLikely(samples: Int16Array, at: number, models: Models): { key: string; confidence: number } {
  const { length, waves, keys, shares } = models;
  let energy = 0;
  for (let n = 0; n < length; n++) energy += (samples[at + n] ?? 0) ** 2;
  if (energy === 0) return { key: '', confidence: 0 };
  waves.forEach((wave, index) => {
    let sum = 0;
    for (let n = 0; n < length; n++) sum += (samples[at + n] ?? 0) * (wave[n] ?? 0);
    shares[index] = sum;
  });
  const noise = RESIDUAL_MIN * length;
  let [best, second, bestKey] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, ''];
  for (const model of keys) {
    const residual = Math.max(energy - explained(model, shares), 0) + noise;
    if (residual < best) [best, second, bestKey] = [residual, best, model.key];
    else if (residual < second) second = residual;
  }
  // Each unknown that is fitted takes a sample's worth of evidence away.
  const evidence = Math.max(1, length - (keys[0]?.waves.length ?? 0)) / 2;
  return { key: bestKey, confidence: evidence * Math.log(second / best) };
}

/** Energy of the projection on a key's waves: forward substitution through the factor. */
function explained({ waves, factor }: KeyModel, shares: Float64Array): number {
  const along = new Float64Array(waves.length);
  let energy = 0;
  for (let row = 0; row < waves.length; row++) {
    const line = factor[row] ?? along;
    let left = shares[waves[row] ?? 0] ?? 0;
    for (let column = 0; column < row; column++) left -= (line[column] ?? 0) * (along[column] ?? 0);
    const pivot = line[row] ?? 0;
    along[row] = pivot === 0 ? 0 : left / pivot;
    energy += (along[row] ?? 0) ** 2;
  }
  return energy;
}

const cache = new Map<string, Models>();

function modelsOf(length: number, keys: readonly string[], maskHz: readonly number[]): Models {
  const name = `${length} ${keys.join('')} ${maskHz.join()}`;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const frequenciesHz = [...new Set([...maskHz, ...DTMF_LOW_HZ, ...DTMF_HIGH_HZ])];
  const waves = frequenciesHz.flatMap((hz) =>
    [0, Math.PI / 2].map((phase) =>
      Float64Array.from({ length }, (_, n) => Math.sin((2 * Math.PI * hz * n) / SAMPLE_RATE_HZ + phase)),
    ),
  );
  const models = {
    length,
    waves,
    shares: new Float64Array(waves.length),
    keys: keys.map((key) => {
      const { lowHz, highHz } = dtmfPair(key);
      const used = [...maskHz, lowHz, highHz].flatMap((hz) => {
        const at = 2 * frequenciesHz.indexOf(hz);
        return [at, at + 1];
      });
      return { key, waves: used, factor: factorOf(used.map((at) => waves[at] ?? new Float64Array(length))) };
    }),
  };
  cache.set(name, models);
  return models;
}

/** Share of a wave's energy that the earlier ones must leave over, or it adds nothing. */
const NEW_SHARE_MIN = 1e-9;

function factorOf(waves: readonly Float64Array[]): Float64Array[] {
  const factor: Float64Array[] = [];
  for (const wave of waves) {
    const line = new Float64Array(waves.length);
    let left = dot(wave, wave);
    const enough = NEW_SHARE_MIN * left;
    factor.forEach((earlier, column) => {
      let share = dot(wave, waves[column] ?? wave);
      for (let n = 0; n < column; n++) share -= (line[n] ?? 0) * (earlier[n] ?? 0);
      const pivot = earlier[column] ?? 0;
      line[column] = pivot === 0 ? 0 : share / pivot;
      left -= (line[column] ?? 0) ** 2;
    });
    line[factor.length] = left > enough ? Math.sqrt(left) : 0;
    factor.push(line);
  }
  return factor;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < one.length; n++) sum += (one[n] ?? 0) * (other[n] ?? 0);
  return sum;
}
