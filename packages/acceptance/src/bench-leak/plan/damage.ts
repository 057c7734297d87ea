import type { Spandsp } from '@sordino/testkit';
import { OPUS_APPLICATION, throughOpusFrames } from '../../codecs/opus-line.ts';

/** How a phone's codec harms audio: what went in, as it comes out, of the same length. */
export type Damage = (samples: Int16Array) => Promise<Int16Array>;

export const unharmed: Damage = async (samples) => samples;

/** A mobile phone of the second generation. */
export const throughGsm =
  (spandsp: Spandsp): Damage =>
  (samples) =>
    spandsp.throughGsm(samples);

/** A telephone application on a thin line. */
export const throughOpus =
  (bitsPerSecond: number): Damage =>
  async (samples) =>
    throughOpusFrames(samples, { ...OPUS_APPLICATION, bitsPerSecond, repeats: false });
