import { amplify, rmsOfDbm0, SAMPLES_PER_MS, SeededRandom, speechLike, take } from '@sordino/testkit';

/** Made once; each call begins somewhere else in it, and a long one hears it again. */
const POOL_MS = 15_000;
/** The level of testkit's talkers. */
const TALKER_DBM0 = -22;

let noisePool: Float64Array | undefined;
const talkers = new Map<number, Int16Array>();

/** Any stretch of white noise with an rms of 1 sample, times the level wanted. */
export function noise(samples: number, levelDbm0: number, random: SeededRandom): Int16Array {
  noisePool ??= whiteNoise(POOL_MS * SAMPLES_PER_MS);
  const rms = rmsOfDbm0(levelDbm0);
  const from = Math.floor(random.next() * noisePool.length);
  const pool = noisePool;
  return Int16Array.from({ length: samples }, (_, n) =>
    Math.round(rms * (pool[(from + n) % pool.length] ?? 0)),
  );
}

/** Any stretch of one of four talkers. */
export function speech(samples: number, levelDbm0: number, random: SeededRandom): Int16Array {
  const seed = 20 + Math.floor(random.next() * 4);
  const pool = talkers.get(seed) ?? take(speechLike(seed), POOL_MS);
  talkers.set(seed, pool);
  const from = Math.floor(random.next() * pool.length);
  const stretch = Int16Array.from({ length: samples }, (_, n) => pool[(from + n) % pool.length] ?? 0);
  return amplify(stretch, levelDbm0 - TALKER_DBM0);
}

/** Near enough to Gaussian for a line's noise: the sum of four uniform values, each of variance 1/3. */
function whiteNoise(samples: number): Float64Array {
  const random = new SeededRandom(0x50f7);
  const uniform = Float64Array.from({ length: samples + 3 }, () => random.nextSigned());
  const scale = Math.sqrt(3 / 4);
  return Float64Array.from({ length: samples }, () => {
    let sum = 0;
    for (let n = 0; n < 4; n += 1) sum += uniform[Math.floor(random.next() * uniform.length)] ?? 0;
    return scale * sum;
  });
}
