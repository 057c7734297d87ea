import { g711DecodeTable } from '../codecs/g711.ts';
import { FLAT_TONE_HZ } from '../stages/replacement-audio.ts';
import { tonePairOf } from '../tones/keypad.ts';
import { SAMPLE_RATE_HZ, SAMPLES_PER_MS } from '../tones/level.ts';

// Taken out of the global object once: a look-up per sample is slow under Jest.
const { PI, sin } = Math;

/** Samples in a row that must be the customer's own to count as left in: fewer are coincidences of 8-bit codes. */
const RUN_SAMPLES_MIN = 5;

/** Milliseconds of `sent` (codes of the customer) between two times that are to be heard in `heard`, `delayMs` later. */
export function leftInMs(
  sent: Uint8Array,
  heard: Uint8Array,
  fromMs: number,
  toMs: number,
  delayMs: number,
): number {
  const delay = delayMs * SAMPLES_PER_MS;
  let left = 0;
  let run = 0;
  for (let at = Math.ceil(fromMs * SAMPLES_PER_MS); at < toMs * SAMPLES_PER_MS; at += 1) {
    run = sent[at] === heard[at + delay] ? run + 1 : 0;
    if (run === RUN_SAMPLES_MIN) left += RUN_SAMPLES_MIN;
    else if (run > RUN_SAMPLES_MIN) left += 1;
  }
  return left / SAMPLES_PER_MS;
}

/**
 * The best an eavesdropper can do who knows when each key was pressed: of all 16 keys the one whose two sinusoids
 * explain most of what was heard, by least squares, beside a flat tone that may be the mask. Returns its event code.
 */
export function mostLikelyKey(
  heard: Uint8Array,
  codec: 'PCMU' | 'PCMA',
  fromMs: number,
  toMs: number,
): number {
  const decode = g711DecodeTable(codec);
  const from = Math.ceil(fromMs * SAMPLES_PER_MS);
  const samples = Float64Array.from(
    heard.subarray(from, Math.floor(toMs * SAMPLES_PER_MS)),
    (code) => decode[code] ?? 0,
  );
  let best = 0;
  let most = -1;
  for (let code = 0; code < 16; code += 1) {
    const pair = tonePairOf(code);
    if (pair === undefined) continue;
    const explained = explainedEnergy(samples, [pair.lowHz, pair.highHz, FLAT_TONE_HZ]);
    if (explained > most) {
      most = explained;
      best = code;
    }
  }
  return best;
}

/** Energy of the projection of `samples` on sines and cosines of the frequencies (Gram-Schmidt). */
function explainedEnergy(samples: Float64Array, frequenciesHz: readonly number[]): number {
  const basis: Float64Array[] = [];
  let explained = 0;
  for (const hz of frequenciesHz) {
    for (const phase of [0, PI / 2]) {
      const vector = new Float64Array(samples.length);
      for (let n = 0; n < vector.length; n += 1) vector[n] = sin((2 * PI * hz * n) / SAMPLE_RATE_HZ + phase);
      for (const earlier of basis) add(vector, earlier, -dot(vector, earlier) / dot(earlier, earlier));
      const energy = dot(vector, vector);
      if (energy < 1e-6) continue;
      basis.push(vector);
      explained += dot(samples, vector) ** 2 / energy;
    }
  }
  return explained;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < a.length; n += 1) sum += (a[n] ?? 0) * (b[n] ?? 0);
  return sum;
}

function add(onto: Float64Array, vector: Float64Array, share: number): void {
  for (let n = 0; n < onto.length; n += 1) onto[n] = (onto[n] ?? 0) + share * (vector[n] ?? 0);
}
