/**
 * Levels in dBm0. The reference is ITU-T G.711's: a sine that just reaches the u-law virtual decision value (8159
 * on the 14 bit scale, so 8159 * 4 on ours) is at +3.17 dBm0. A-law's own reference (+3.14 dBm0 at 32768) reads 0.07 dB higher here.
 */
const FULL_SCALE_SINE_DBM0 = 3.17;
const FULL_SCALE_PEAK = 8159 * 4;
const FULL_SCALE_MEAN_SQUARE = (FULL_SCALE_PEAK * FULL_SCALE_PEAK) / 2;

/** What digital silence reads, so that figures stay finite and JSON stays JSON. */
export const SILENCE_DBM0 = -99;

/** Level of a mean square (of 16 bit samples) in dBm0. */
export function dbm0OfMeanSquare(meanSquare: number): number {
  if (meanSquare <= 0) return SILENCE_DBM0;
  return Math.max(SILENCE_DBM0, FULL_SCALE_SINE_DBM0 + 10 * Math.log10(meanSquare / FULL_SCALE_MEAN_SQUARE));
}

/** Root mean square (in 16 bit units) of a signal at this level. */
export function rmsOfDbm0(levelDbm0: number): number {
  return Math.sqrt(FULL_SCALE_MEAN_SQUARE * 10 ** ((levelDbm0 - FULL_SCALE_SINE_DBM0) / 10));
}

/** Peak (in 16 bit units) of a sine at this level. */
export function sinePeakOfDbm0(levelDbm0: number): number {
  return rmsOfDbm0(levelDbm0) * Math.SQRT2;
}

/** Level of `samples[from, to)` in dBm0. */
export function levelDbm0(samples: Int16Array, from = 0, to = samples.length): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += (samples[at] ?? 0) ** 2;
  return to > from ? dbm0OfMeanSquare(sum / (to - from)) : SILENCE_DBM0;
}
