/** A sine at full scale of u-law is +3.17 dBm0 and peaks at 32,124 (ITU-T G.711 §4): 0 dBm0 has this RMS value. */
export const RMS_AT_0_DBM0 = 32_124 / 10 ** (3.17 / 20) / Math.SQRT2;

export const SAMPLE_RATE_HZ = 8000;
export const SAMPLES_PER_MS = SAMPLE_RATE_HZ / 1000;

/** RMS value of linear 16-bit samples at a level. */
export const rmsOf = (levelDbm0: number): number => RMS_AT_0_DBM0 * 10 ** (levelDbm0 / 20);

/** Mean square of linear 16-bit samples -> dBm0. */
export const levelOf = (meanSquare: number): number =>
  10 * Math.log10(Math.max(meanSquare, 1e-9) / RMS_AT_0_DBM0 ** 2);
