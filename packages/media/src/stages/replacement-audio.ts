import type { MaskStyle } from '@sordino/core';
import { type G711Codec, g711EncodeTable } from '../codecs/g711.ts';
import { rmsOf, SAMPLE_RATE_HZ } from '../tones/level.ts';

/** The ringing tone of ITU-T E.180 countries: heard as "the line is alive", and far from every key. */
export const FLAT_TONE_HZ = 425;
export const FLAT_TONE_DBM0 = -24;
/** 17 whole periods of 425 Hz: read in a circle, the phase never breaks. */
const FLAT_TONE_SAMPLES = 320;
/** A quiet room. Constant, because noise shaped by the customer's level would carry the envelope of the keys. */
export const COMFORT_NOISE_DBM0 = -50;
/** About a second, so that no period is heard. */
const COMFORT_NOISE_SAMPLES = 8192;

/** Audio that stands in for the customer's: a circle of codes, indexed by stream position, the same for every call. */
export type ReplacementAudio = Uint8Array;

const makers: Record<MaskStyle, () => Int16Array> = {
  silence: () => new Int16Array(1),
  flat_tone: () => {
    const peak = rmsOf(FLAT_TONE_DBM0) * Math.SQRT2;
    return Int16Array.from({ length: FLAT_TONE_SAMPLES }, (_, n) =>
      Math.round(peak * Math.sin((2 * Math.PI * FLAT_TONE_HZ * n) / SAMPLE_RATE_HZ)),
    );
  },
  comfort_noise: () => {
    const random = lehmer(0x5eed);
    const halfWidth = rmsOf(COMFORT_NOISE_DBM0) * Math.sqrt(3);
    return Int16Array.from({ length: COMFORT_NOISE_SAMPLES }, () =>
      Math.round((2 * random() - 1) * halfWidth),
    );
  },
};

const ready = { PCMU: inLaw('PCMU'), PCMA: inLaw('PCMA') } as const;

export const replacementAudio = (style: MaskStyle, codec: G711Codec): ReplacementAudio => ready[codec][style];

function inLaw(codec: G711Codec): Record<MaskStyle, ReplacementAudio> {
  const encode = g711EncodeTable(codec);
  const circle = (style: MaskStyle): ReplacementAudio =>
    Uint8Array.from(makers[style](), (sample) => encode[sample & 0xffff] ?? 0);
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
