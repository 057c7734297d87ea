/**
 * The constants of ITU-T G.722, under the Recommendation's own names. Quantizer outputs are Q15 factors of the step size; the
 * logarithm of the step is kept with 11 fractional bits.
 */

/** Table 15: decision levels of the 60-level quantizer of the lower sub-band, in eighths of the step. */
export const Q6 = Int32Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714],
  ...[786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);
/** Table 16: the codeword of each interval, for negative and positive differences. Four of the 64 codewords are not sent. */
export const ILN = Uint8Array.of(
  ...[0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20],
  ...[19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4],
);
export const ILP = Uint8Array.of(
  ...[0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48],
  ...[47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32],
);

/** Tables 17 and 18: what a codeword of 6 bits (to listen to) and its first 4 (to adapt by) stand for. */
export const QM6 = Int16Array.of(
  ...[-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360],
  ...[
    -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
  ],
  ...[-1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856],
  ...[7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728],
  ...[432, 136, -432, -136],
);
export const QM4 = Int16Array.of(
  ...[0, -20456, -12896, -8968, -6288, -4240, -2584, -1200],
  ...[20456, 12896, 8968, 6288, 4240, 2584, 1200, 0],
);
/** The higher sub-band has two bits. */
export const QM2 = Int16Array.of(-7408, -1616, 7408, 1616);

/** Multipliers of the logarithmic step: lower sub-band by its 4-bit codeword, higher by its 2-bit one. */
export const WL = Int16Array.of(
  -60,
  3042,
  1198,
  538,
  334,
  172,
  58,
  -30,
  3042,
  1198,
  538,
  334,
  172,
  58,
  -30,
  -60,
);
export const WH = Int16Array.of(798, -214, 798, -214);

/** 2^(n/32) in Q11: the antilogarithm of the step. */
export const ILB = Int16Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834],
  ...[2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008],
);

/** Table 11: one half of the 24 symmetrical coefficients of the quadrature mirror filters, Q12: every second one. */
export const QMF = Int16Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
