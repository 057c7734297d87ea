/** 32 ms at 4 kHz: the two tones of a key, and the harmonics of any voice, stand apart in it; bins are 31.25 Hz wide. */
export const SPECTRUM_SAMPLES = 128;
export const SPECTRUM_BINS = SPECTRUM_SAMPLES / 2;
/** The real samples are transformed in pairs, as one complex sequence of half the length. */
const HALF = SPECTRUM_SAMPLES / 2;

// One workspace for all: it holds nothing between a load and the reading of its result, and hundreds of spectra share its cache lines.
const sharedPower = new Float64Array(SPECTRUM_BINS);
const re = new Float64Array(HALF);
const im = new Float64Array(HALF);

/** Power spectrum of real audio under a Hann window: a radix-4 FFT. What is loud in one place hardly shows 100 Hz from it. */
export class HannSpectrum {
  /**
   * A sine of amplitude A in the middle of a bin reads (A * SPECTRUM_SAMPLES / 4)^2 there and a quarter of that in both neighbours. Valid until any
   * spectrum is transformed again.
   */
  readonly power = sharedPower;
  #energy = 0;

  /** Sum of the squares of the windowed samples. */
  get energy(): number {
    return this.#energy;
  }

  /** Windows the last samples: `ring` is a circle of `SPECTRUM_SAMPLES`, its oldest sample at `oldest`. */
  load(ring: Float64Array, oldest: number): void {
    let energy = 0;
    for (let n = 0; n < HALF; n += 1) {
      const at = oldest + 2 * n;
      const even = (ring[at & (SPECTRUM_SAMPLES - 1)] ?? 0) * (hann[2 * n] ?? 0);
      const odd = (ring[(at + 1) & (SPECTRUM_SAMPLES - 1)] ?? 0) * (hann[2 * n + 1] ?? 0);
      energy += even * even + odd * odd;
      const to = reversed[n] ?? 0;
      re[to] = even;
      im[to] = odd;
    }
    this.#energy = energy;
  }

  /** Fills `power` from bin `first` to bin `last`, once for each `load`. */
  transform(first: number, last: number): void {
    this.#butterflies();
    this.#unpack(first, last);
  }

  wipe(): void {
    this.power.fill(0);
    re.fill(0);
    im.fill(0);
    this.#energy = 0;
  }

  #butterflies(): void {
    // The first two stages turn by nothing and by a quarter: four points at once, and no multiplication.
    for (let a = 0; a < HALF; a += 4) {
      const r0 = (re[a] ?? 0) + (re[a + 1] ?? 0);
      const i0 = (im[a] ?? 0) + (im[a + 1] ?? 0);
      const r1 = (re[a] ?? 0) - (re[a + 1] ?? 0);
      const i1 = (im[a] ?? 0) - (im[a + 1] ?? 0);
      const r2 = (re[a + 2] ?? 0) + (re[a + 3] ?? 0);
      const i2 = (im[a + 2] ?? 0) + (im[a + 3] ?? 0);
      const r3 = (re[a + 2] ?? 0) - (re[a + 3] ?? 0);
      const i3 = (im[a + 2] ?? 0) - (im[a + 3] ?? 0);
      re[a] = r0 + r2;
      im[a] = i0 + i2;
      re[a + 1] = r1 + i3;
      im[a + 1] = i1 - r3;
      re[a + 2] = r0 - r2;
      im[a + 2] = i0 - i2;
      re[a + 3] = r1 - i3;
      im[a + 3] = i1 + r3;
    }
    // Then two stages at once, which halves how often a number is read and written. The four lie in bit-reversed order.
    for (let quarter = 4; quarter < HALF; quarter *= 4) {
      const stride = SPECTRUM_SAMPLES / (4 * quarter);
      for (let k = 0; k < quarter; k += 1) {
        const c1 = cosine[k * stride] ?? 0;
        const s1 = sine[k * stride] ?? 0;
        const c2 = cosine[2 * k * stride] ?? 0;
        const s2 = sine[2 * k * stride] ?? 0;
        const c3 = cosine[3 * k * stride] ?? 0;
        const s3 = sine[3 * k * stride] ?? 0;
        for (let a = k; a < HALF; a += 4 * quarter) {
          const b = a + quarter;
          const c = b + quarter;
          const d = c + quarter;
          const reA = re[a] ?? 0;
          const imA = im[a] ?? 0;
          const reB = (re[b] ?? 0) * c2 + (im[b] ?? 0) * s2;
          const imB = (im[b] ?? 0) * c2 - (re[b] ?? 0) * s2;
          const reC = (re[c] ?? 0) * c1 + (im[c] ?? 0) * s1;
          const imC = (im[c] ?? 0) * c1 - (re[c] ?? 0) * s1;
          const reD = (re[d] ?? 0) * c3 + (im[d] ?? 0) * s3;
          const imD = (im[d] ?? 0) * c3 - (re[d] ?? 0) * s3;
          const r0 = reA + reB;
          const i0 = imA + imB;
          const r1 = reA - reB;
          const i1 = imA - imB;
          const r2 = reC + reD;
          const i2 = imC + imD;
          const r3 = reC - reD;
          const i3 = imC - imD;
          re[a] = r0 + r2;
          im[a] = i0 + i2;
          re[b] = r1 + i3;
          im[b] = i1 - r3;
          re[c] = r0 - r2;
          im[c] = i0 - i2;
          re[d] = r1 - i3;
          im[d] = i1 + r3;
        }
      }
    }
  }

  /** Takes the spectra of the even and the odd samples apart and puts them together to that of all. */
  #unpack(first: number, last: number): void {
    for (let k = first; k <= last; k += 1) {
      const mirror = (HALF - k) & (HALF - 1);
      const evenRe = ((re[k] ?? 0) + (re[mirror] ?? 0)) / 2;
      const evenIm = ((im[k] ?? 0) - (im[mirror] ?? 0)) / 2;
      const oddRe = ((im[k] ?? 0) + (im[mirror] ?? 0)) / 2;
      const oddIm = ((re[mirror] ?? 0) - (re[k] ?? 0)) / 2;
      const c = cosine[k] ?? 0;
      const s = sine[k] ?? 0;
      const r = evenRe + c * oddRe + s * oddIm;
      const i = evenIm + c * oddIm - s * oddRe;
      this.power[k] = r * r + i * i;
    }
  }
}

const wave = (of: (angle: number) => number): Float64Array =>
  Float64Array.from({ length: SPECTRUM_SAMPLES }, (_, n) => of((2 * Math.PI * n) / SPECTRUM_SAMPLES));
const cosine = wave(Math.cos);
const sine = wave(Math.sin);
const hann = Float64Array.from(
  { length: SPECTRUM_SAMPLES },
  (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SPECTRUM_SAMPLES),
);
const reversed = Uint8Array.from({ length: HALF }, (_, n) => {
  let bits = 0;
  for (let bit = 1, left = n; bit < HALF; bit *= 2, left >>= 1) bits = bits * 2 + (left & 1);
  return bits;
});
