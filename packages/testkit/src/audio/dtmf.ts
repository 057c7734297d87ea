import { sinePeakOfDbm0 } from './level.ts';
import { clampSample, concatSamples, SAMPLE_RATE_HZ, SAMPLES_PER_MS, silence } from './samples.ts';

/** ITU-T Q.23: one low and one high frequency for each key. */
export const DTMF_LOW_HZ = [697, 770, 852, 941] as const;
export const DTMF_HIGH_HZ = [1209, 1336, 1477, 1633] as const;
const KEY_ROWS = ['123A', '456B', '789C', '*0#D'] as const;

export interface DtmfPair {
  readonly lowHz: number;
  readonly highHz: number;
}

/** The two frequencies of a key; throws a RangeError for what is no key. */
export function dtmfPair(key: string): DtmfPair {
  const row = KEY_ROWS.findIndex((keys) => key.length === 1 && keys.includes(key));
  const lowHz = DTMF_LOW_HZ[row];
  const highHz = DTMF_HIGH_HZ[KEY_ROWS[row]?.indexOf(key) ?? -1];
  if (lowHz === undefined || highHz === undefined) {
    throw new RangeError(`"${key}" is not a DTMF key: use one of 0-9, *, #, A-D`);
  }
  return { lowHz, highHz };
}

/** The key at a row (low frequency) and a column (high frequency), both 0-3. */
export function dtmfKeyAt(row: number, column: number): string {
  const key = KEY_ROWS[row]?.[column];
  if (key === undefined) throw new RangeError(`no DTMF key at row ${row}, column ${column}: both are 0-3`);
  return key;
}

export interface DtmfToneOptions {
  readonly durationMs?: number;
  /** Level of each of the two frequencies, before twist. */
  readonly levelDbm0?: number;
  /** How many dB the high frequency is above the low one; half is added to one and half taken from the other. */
  readonly twistDb?: number;
  /** Raised-cosine rise and fall, inside the duration. */
  readonly rampMs?: number;
  /** Deviation of both frequencies, in per cent. */
  readonly deviationPercent?: number;
}

export const DTMF_DURATION_MS = 100;
export const DTMF_LEVEL_DBM0 = -10;
/** Short enough to be a keypad's, long enough not to click. */
const RAMP_MS = 2;

/** One key as audio. */
export function dtmfTone(key: string, options: DtmfToneOptions = {}): Int16Array {
  const pair = dtmfPair(key);
  const { durationMs = DTMF_DURATION_MS, levelDbm0 = DTMF_LEVEL_DBM0 } = options;
  const { twistDb = 0, rampMs = RAMP_MS, deviationPercent = 0 } = options;
  const stretch = 1 + deviationPercent / 100;
  const lowStep = (2 * Math.PI * pair.lowHz * stretch) / SAMPLE_RATE_HZ;
  const highStep = (2 * Math.PI * pair.highHz * stretch) / SAMPLE_RATE_HZ;
  const lowPeak = sinePeakOfDbm0(levelDbm0 - twistDb / 2);
  const highPeak = sinePeakOfDbm0(levelDbm0 + twistDb / 2);
  const tone = new Int16Array(Math.round(durationMs * SAMPLES_PER_MS));
  const ramp = Math.max(1, rampMs * SAMPLES_PER_MS);
  for (let at = 0; at < tone.length; at++) {
    const edge = Math.min(1, (at + 0.5) / ramp, (tone.length - at - 0.5) / ramp);
    const envelope = 0.5 - 0.5 * Math.cos(Math.PI * edge);
    tone[at] = clampSample(
      envelope * (lowPeak * Math.sin(lowStep * at) + highPeak * Math.sin(highStep * at)),
    );
  }
  return tone;
}

/** Several keys, each followed by a pause. */
export function dtmfSequence(
  keys: string,
  options: DtmfToneOptions & { readonly gapMs?: number } = {},
): Int16Array {
  const pause = silence(options.gapMs ?? DTMF_DURATION_MS);
  return concatSamples(...[...keys].flatMap((key) => [dtmfTone(key, options), pause]));
}
