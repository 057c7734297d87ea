import type { MaskStyle } from '@sordino/core';
import { type G711Codec, g711EncodeTable } from '../codecs/g711.ts';
import { rmsOf } from '../tones/level.ts';
import type { LineUnits, SampledFormat } from './line-format.ts';

/** The ringing tone of ITU-T E.180 countries: heard as "the line is alive", and far from every key. */
export const FLAT_TONE_HZ = 425;
export const FLAT_TONE_DBM0 = -24;
/** 17 whole periods of 425 Hz: read in a circle, the phase never breaks. */
const FLAT_TONE_MS = 40;
/** A quiet room. Constant, because noise shaped by the customer's level would carry the envelope of the keys. */
export const COMFORT_NOISE_DBM0 = -50;
/** About a second, so that no period is heard; whole frames of 10 ms, for Opus. */
const COMFORT_NOISE_MS = 1030;

/** Audio that stands in for the customer's: a circle of codes or samples, indexed by stream position, the same for every call. */
export type ReplacementAudio = LineUnits;

const makers: Record<MaskStyle, (rateHz: number) => Int16Array> = {
  silence: (rateHz) => new Int16Array(rateHz / 100),
  flat_tone: (rateHz) => {
    const peak = rmsOf(FLAT_TONE_DBM0) * Math.SQRT2;
    return Int16Array.from({ length: (rateHz * FLAT_TONE_MS) / 1000 }, (_, n) =>
      Math.round(peak * Math.sin((2 * Math.PI * FLAT_TONE_HZ * n) / rateHz)),
    );
  },
  comfort_noise: (rateHz) => {
    const random = lehmer(0x5eed);
    const halfWidth = rmsOf(COMFORT_NOISE_DBM0) * Math.sqrt(3);
    return Int16Array.from({ length: (rateHz * COMFORT_NOISE_MS) / 1000 }, () =>
      Math.round((2 * random() - 1) * halfWidth),
    );
  },
};

/** Linear samples at `rateHz`. */
const linear = (rateHz: number): Record<MaskStyle, Int16Array> => ({
  silence: makers.silence(rateHz),
  flat_tone: makers.flat_tone(rateHz),
  comfort_noise: makers.comfort_noise(rateHz),
});

const linear8 = linear(8000);
const ready: Record<SampledFormat, Record<MaskStyle, ReplacementAudio>> = {
  PCMU: inLaw('PCMU'),
  PCMA: inLaw('PCMA'),
  linear8,
  linear16: linear(16_000),
};

export const replacementAudio = (style: MaskStyle, format: SampledFormat): ReplacementAudio =>
  ready[format][style];

function inLaw(codec: G711Codec): Record<MaskStyle, ReplacementAudio> {
  const encode = g711EncodeTable(codec);
  const circle = (style: MaskStyle): ReplacementAudio =>
    Uint8Array.from(linear8[style], (sample) => encode[sample & 0xffff] ?? 0);
  return {
    silence: circle('silence'),
    flat_tone: circle('flat_tone'),
    comfort_noise: circle('comfort_noise'),
  };
}

/** A fixed sequence (Park and Miller's): comfort noise needs no unpredictability, and tests want the same twice. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 0x7fffffff;
    return state / 0x7fffffff;
  };
}
