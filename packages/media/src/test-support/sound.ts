import { tonePairOf } from '../tones/keypad.ts';
import { RMS_AT_0_DBM0, SAMPLE_RATE_HZ, SAMPLES_PER_MS } from '../tones/level.ts';

// Taken out of the global object once: a look-up per sample is slow under Jest.
const { PI, floor, imul, max, min, round, sin, sqrt } = Math;

/** Linear audio in the making: 16-bit scale, not yet rounded. */
export type Sound = Float64Array;

export const silence = (ms: number): Sound => new Float64Array(round(ms * SAMPLES_PER_MS));

export interface KeyTone {
  readonly code: number;
  readonly ms: number;
  /** Level of the stronger of the two tones. */
  readonly levelDbm0?: number;
  /** High tone over low tone. */
  readonly twistDb?: number;
  /** 0.018 is +1.8 %. */
  readonly deviation?: number;
  /** Onset and end are faded over this long. */
  readonly rampMs?: number;
  readonly phase?: number;
}

/** The two tones of a key. */
export function keyTone(key: KeyTone): Sound {
  const { levelDbm0 = -12, twistDb = 0, deviation = 0, rampMs = 0, phase = 0.7 } = key;
  const pair = tonePairOf(key.code);
  if (pair === undefined) throw new RangeError(`no key has event code ${key.code}`);
  const low = amplitude(levelDbm0 - max(0, twistDb));
  const high = amplitude(levelDbm0 + min(0, twistDb));
  const lowStep = (2 * PI * pair.lowHz * (1 + deviation)) / SAMPLE_RATE_HZ;
  const highStep = (2 * PI * pair.highHz * (1 + deviation)) / SAMPLE_RATE_HZ;
  const sound = silence(key.ms);
  const ramp = max(1, rampMs * SAMPLES_PER_MS);
  for (let n = 0; n < sound.length; n += 1) {
    const fade = min(1, (n + 1) / ramp, (sound.length - n) / ramp);
    sound[n] = fade * (low * sin(lowStep * n + phase) + high * sin(highStep * n + 2 * phase));
  }
  return sound;
}

/** White noise, the same for the same seed. */
export function noise(ms: number, levelDbm0: number, seed: number): Sound {
  const random = randomOf(seed);
  const halfWidth = RMS_AT_0_DBM0 * 10 ** (levelDbm0 / 20) * sqrt(3);
  return silence(ms).map(() => (2 * random() - 1) * halfWidth);
}

/**
 * Something like speech: syllables of 80-300 ms with a gliding pitch of 90-280 Hz, harmonics shaped by three moving
 * formants, some syllables hissing, pauses between. `levelDbm0` is the level of a loud syllable.
 */
export function speechLike(ms: number, levelDbm0: number, seed: number): Sound {
  const random = randomOf(seed);
  const sound = silence(ms);
  const between = (from: number, to: number): number => from + (to - from) * random();
  const basePitch = between(95, 230);
  let at = 0;
  while (at < sound.length) {
    const length = min(sound.length - at, round(between(80, 300) * SAMPLES_PER_MS));
    const syllable =
      random() < 0.25 ? hiss(length, random) : vowel(length, basePitch * between(0.8, 1.25), between, random);
    const gain = (amplitude(levelDbm0) / Math.SQRT2 / rms(syllable)) * 10 ** (between(-10, 0) / 20);
    for (let n = 0; n < length; n += 1) {
      sound[at + n] = gain * sin((PI * n) / length) ** 0.5 * (syllable[n] ?? 0);
    }
    at += length + round((random() < 0.2 ? between(150, 500) : between(10, 60)) * SAMPLES_PER_MS);
  }
  return sound;
}

function vowel(
  length: number,
  pitchHz: number,
  between: (from: number, to: number) => number,
  random: () => number,
): Sound {
  const formants = [
    [between(280, 800), 90],
    [between(850, 2300), 120],
    [between(2300, 3000), 180],
  ] as const;
  const glide = between(-0.2, 0.2);
  const wave = new Float64Array(length);
  const harmonics = floor(3400 / pitchHz);
  const phases = Array.from({ length: harmonics }, () => random() * 2 * PI);
  for (let harmonic = 1; harmonic <= harmonics; harmonic += 1) {
    const centre = harmonic * pitchHz;
    const gain = formants.reduce(
      (sum, [hz, width]) => sum + 1 / sqrt(1 + ((centre - hz) / width) ** 2),
      0.02,
    );
    let phase = phases[harmonic - 1] ?? 0;
    for (let n = 0; n < length; n += 1) {
      const vibrato = 1 + 0.02 * sin((2 * PI * 5 * n) / SAMPLE_RATE_HZ + pitchHz);
      phase += (2 * PI * centre * vibrato * (1 + (glide * n) / length)) / SAMPLE_RATE_HZ;
      wave[n] = (wave[n] ?? 0) + (gain / sqrt(harmonic)) * sin(phase);
    }
  }
  return wave;
}

function hiss(length: number, random: () => number): Sound {
  const wave = new Float64Array(length);
  let before = 0;
  for (let n = 0; n < length; n += 1) {
    const now = 2 * random() - 1;
    wave[n] = now - 0.8 * before;
    before = now;
  }
  return wave;
}

/** Adds `sound` to `onto`, beginning at `atMs`. */
export function mix(onto: Sound, sound: Sound, atMs: number): Sound {
  const from = round(atMs * SAMPLES_PER_MS);
  for (let n = 0; n < sound.length && from + n < onto.length; n += 1) {
    onto[from + n] = (onto[from + n] ?? 0) + (sound[n] ?? 0);
  }
  return onto;
}

export const toLinear = (sound: Sound): Int16Array =>
  Int16Array.from(sound, (value) => max(-32_768, min(32_767, round(value))));

/** Mulberry32: small, seeded, good enough for test audio. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const amplitude = (levelDbm0: number): number => RMS_AT_0_DBM0 * Math.SQRT2 * 10 ** (levelDbm0 / 20);
const rms = (sound: Sound): number =>
  sqrt(sound.reduce((sum, value) => sum + value * value, 1e-9) / max(1, sound.length));
