import { createRequire } from 'node:module';
import { concatSamples, SAMPLE_RATE_HZ, SAMPLES_PER_MS, type Spandsp } from '@sordino/testkit';

/** Required: Node finds no default export in this CommonJS module under every loader that runs us. */
const OpusScript: typeof import('opusscript') = createRequire(import.meta.url)('opusscript');

/** How a phone's codec harms audio: what went in, as it comes out, of the same length. */
export type Damage = (samples: Int16Array) => Promise<Int16Array>;

export const unharmed: Damage = async (samples) => samples;

/** A mobile phone of the second generation. */
export const throughGsm =
  (spandsp: Spandsp): Damage =>
  (samples) =>
    spandsp.throughGsm(samples);

const FRAME = 20 * SAMPLES_PER_MS;

/** A telephone application on a thin line: Opus, one channel, 8 kHz. */
export const throughOpus =
  (bitsPerSecond: number): Damage =>
  async (samples) => {
    const codec = new OpusScript(SAMPLE_RATE_HZ, 1, OpusScript.Application.VOIP);
    try {
      codec.setBitrate(bitsPerSecond);
      const frames = Array.from({ length: Math.floor(samples.length / FRAME) }, (_, n) => {
        const pcm = Buffer.from(Int16Array.from(samples.subarray(n * FRAME, (n + 1) * FRAME)).buffer);
        const decoded = Uint8Array.from(codec.decode(codec.encode(pcm, FRAME)));
        return new Int16Array(decoded.buffer);
      });
      return concatSamples(...frames);
    } finally {
      codec.delete();
    }
  };
