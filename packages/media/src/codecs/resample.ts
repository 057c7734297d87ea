/**
 * Between 8 and 16 kHz: a half-band filter of 31 taps, in which all but the middle tap and every second one are zero. Flat
 * within half a dB to 3.4 kHz, 60 dB down from 4.95 kHz on; it delays by 15 samples of 16 kHz, just under a millisecond.
 */
const REACH = 15;
const PAST = 2 * REACH;
/** 120 ms at 16 kHz: the longest packet. */
const SAMPLES_MAX = 1920;
/** The taps 1, 3, … 15 away from the middle one; twice as strong as the filter's, which has 1/2 in the middle. */
const SIDE = Float64Array.from({ length: (REACH + 1) / 2 }, (_, n) => {
  const away = 2 * n + 1;
  return (2 * Math.sin((Math.PI * away) / 2) * kaiser(away / (REACH + 1))) / (Math.PI * away);
});

/** 16 kHz to 8 kHz. */
export class Halver {
  readonly #x = new Int16Array(PAST + SAMPLES_MAX);

  /** `samples` is even. Returns the samples written. */
  convert(pcm: Int16Array, samples: number, into: Int16Array): number {
    const x = this.#x;
    for (let n = 0; n < samples; n += 1) x[PAST + n] = pcm[n] ?? 0;
    for (let n = 0; n < samples; n += 2) {
      const middle = n + REACH + 1;
      let sum = x[middle] ?? 0;
      for (let side = 0; side < SIDE.length; side += 1) {
        const away = 2 * side + 1;
        sum += (SIDE[side] ?? 0) * ((x[middle - away] ?? 0) + (x[middle + away] ?? 0));
      }
      into[n >> 1] = clamp(Math.round(sum / 2));
    }
    x.copyWithin(0, samples, samples + PAST);
    return samples >> 1;
  }

  reset(): void {
    this.#x.fill(0);
  }
}

/** 8 kHz to 16 kHz. */
export class Doubler {
  readonly #x = new Int16Array(REACH + SAMPLES_MAX / 2);

  /** Returns the samples written. */
  convert(pcm: Int16Array, samples: number, into: Int16Array): number {
    const x = this.#x;
    for (let n = 0; n < samples; n += 1) x[REACH + n] = pcm[n] ?? 0;
    for (let n = 0; n < samples; n += 1) {
      // Between two samples: the eight on either side.
      let sum = 0;
      for (let side = 0; side < SIDE.length; side += 1) {
        sum += (SIDE[side] ?? 0) * ((x[n + 7 - side] ?? 0) + (x[n + 8 + side] ?? 0));
      }
      into[2 * n] = x[n + 7] ?? 0;
      into[2 * n + 1] = clamp(Math.round(sum));
    }
    x.copyWithin(0, samples, samples + REACH);
    return 2 * samples;
  }

  reset(): void {
    this.#x.fill(0);
  }
}

const clamp = (value: number): number => (value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value);

/** Kaiser's window, beta 6. `x` runs from 0 in the middle to 1 at the end. */
function kaiser(x: number): number {
  return bessel(6 * Math.sqrt(1 - x * x)) / bessel(6);
}

/** The modified Bessel function of order zero, by its series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; n < 25; n += 1) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}
