import { HIGH_TONES_HZ, LOW_TONES_HZ } from '../tones/keypad.ts';
import { levelOf, rmsOf, SAMPLE_RATE_HZ } from '../tones/level.ts';
import { HannSpectrum, SPECTRUM_SAMPLES } from './hann-spectrum.ts';

/** 10 ms: every packet time is a multiple of it. */
export const STEP_SAMPLES = 80;

/** No tone of a key is above 1.7 kHz: half the rate does, at half the cost. */
const DECIMATION = 2;
/** A half-band low-pass of eleven taps (sinc under a Hamming window): every other tap but the middle one is zero. */
const TAP_0 = 0.5;
const TAP_1 = 0.2986;
const TAP_3 = -0.0573;
const TAP_5 = 0.009;
/** At least as many as V8 needs to keep them off its own heap, where they could not be wiped; eight are used. */
const REACH_NUMBERS = 32;

const BIN_HZ = SAMPLE_RATE_HZ / DECIMATION / SPECTRUM_SAMPLES;
/** A main lobe of the Hann window: two bins to each side of the loudest. */
const LOBE_BINS = 2;
/** Where the low and the high tone of a key can be loudest. 656-1000 Hz and 1125-1719 Hz: 5 % beyond the outermost keys. */
const LOW_FIRST = 21;
const LOW_LAST = 32;
const HIGH_FIRST = 36;
const HIGH_LAST = 55;

/** Q.24 has receivers reject keys that are 3.5 % off; some do not. The masker is sure up to about 2 %. */
const DEVIATION_MAX = 0.025;
/** A telephone exaggerates twist; beyond this no receiver reads a key (Q.24: 8 dB and 4 dB). */
const TWIST_RATIO_MAX = 10 ** 2;
/**
 * What makes a key: two looks in a row (a key of 40 ms fills two) in which the two tones have this share of all power, or four with less,
 * for keys under a voice. Two hours of speech in five languages never did either; harmonics of a voice stand beside each other,
 * and a window of 32 ms sees that.
 */
const PURE_SHARE = 0.82;
const PURE_LOOKS = 2;
const MIXED_SHARE = 0.7;
const MIXED_LOOKS = 4;
/** Quieter than this no receiver reads a key. */
const AUDIBLE_DBM0 = -48;
/** Quieter than this there is nothing to look for: the level of the whole bounds whatever is in it. */
const SILENT_DBM0 = -56;

/** Mean of the squares of a Hann window. */
const HANN_POWER = 3 / 8;
const energyOf = (levelDbm0: number): number => rmsOf(levelDbm0) ** 2 * SPECTRUM_SAMPLES * HANN_POWER;
const AUDIBLE_ENERGY = energyOf(AUDIBLE_DBM0);
const SILENT_ENERGY = energyOf(SILENT_DBM0);
/** The bins of a sine's main lobe add up to its mean square times this: Parseval, one side of the spectrum. */
const LOBE_SCALE = (SPECTRUM_SAMPLES ** 2 * HANN_POWER) / 2;

/**
 * A second opinion on whether keys can be heard. It shares nothing with the detectors of the mask but the frequencies of keys: it looks at peaks of
 * a spectrum instead of correlating with eight sines, for longer, finer, and takes more deviation and twist.
 */
export class ToneWitness {
  readonly #spectrum = new HannSpectrum();
  readonly #ring = new Float64Array(SPECTRUM_SAMPLES);
  /** What the filter still needs of the step before. */
  readonly #reach = new Float64Array(REACH_NUMBERS);
  #next = 0;
  #pair = -1;
  #pureLooks = 0;
  #mixedLooks = 0;
  #residualDbm0 = Number.NEGATIVE_INFINITY;
  #low = -1;
  #high = -1;
  #lowLobe = 0;
  #highLobe = 0;

  /**
   * Of the last look or glance: level of the weaker of the loudest tone where low tones of keys are and the loudest where high ones are. Whatever is left of a
   * key, its weaker tone is no louder than this.
   */
  get residualDbm0(): number {
    return this.#residualDbm0;
  }

  /** Takes `STEP_SAMPLES` of `pcm` from `from` on. */
  take(pcm: Int16Array, from: number): void {
    const ring = this.#ring;
    const reach = this.#reach;
    // Of the samples under the filter those at even places, and of the odd ones the middle and what comes after it: they move along in local variables.
    let even0 = reach[0] ?? 0;
    let even1 = reach[1] ?? 0;
    let even2 = reach[2] ?? 0;
    let even3 = reach[3] ?? 0;
    let even4 = reach[4] ?? 0;
    let middle = reach[5] ?? 0;
    let odd1 = reach[6] ?? 0;
    let odd2 = reach[7] ?? 0;
    let next = this.#next;
    for (let n = from; n < from + STEP_SAMPLES; n += DECIMATION) {
      const even5 = pcm[n] ?? 0;
      ring[next] =
        TAP_0 * middle + TAP_1 * (even2 + even3) + TAP_3 * (even1 + even4) + TAP_5 * (even0 + even5);
      next = (next + 1) & (SPECTRUM_SAMPLES - 1);
      even0 = even1;
      even1 = even2;
      even2 = even3;
      even3 = even4;
      even4 = even5;
      middle = odd1;
      odd1 = odd2;
      odd2 = pcm[n + 1] ?? 0;
    }
    this.#next = next;
    reach[0] = even0;
    reach[1] = even1;
    reach[2] = even2;
    reach[3] = even3;
    reach[4] = even4;
    reach[5] = middle;
    reach[6] = odd1;
    reach[7] = odd2;
  }

  /** Measures the last 32 ms, and says nothing of them. */
  glance(): void {
    this.#low = -1;
    this.#spectrum.load(this.#ring, this.#next);
    const { energy, power } = this.#spectrum;
    if (energy < SILENT_ENERGY) {
      this.#residualDbm0 = levelOf(energy / (SPECTRUM_SAMPLES * HANN_POWER));
      return;
    }
    this.#spectrum.transform(LOW_FIRST - LOBE_BINS, HIGH_LAST + LOBE_BINS);
    this.#low = loudest(power, LOW_FIRST, LOW_LAST);
    this.#high = loudest(power, HIGH_FIRST, HIGH_LAST);
    this.#lowLobe = lobe(power, this.#low);
    this.#highLobe = lobe(power, this.#high);
    this.#residualDbm0 = levelOf(Math.min(this.#lowLobe, this.#highLobe) / LOBE_SCALE);
  }

  /** Measures the last 32 ms and judges them; to be called each 20 ms. True while a key is heard. */
  look(): boolean {
    this.glance();
    const { energy, power } = this.#spectrum;
    if (this.#low < 0 || energy < AUDIBLE_ENERGY) return this.#judge(-1, 0);
    const lowLobe = this.#lowLobe;
    const highLobe = this.#highLobe;
    const share = (lowLobe + highLobe) / (LOBE_SCALE * (energy / (SPECTRUM_SAMPLES * HANN_POWER)));
    const isTwisted = lowLobe > TWIST_RATIO_MAX * highLobe || highLobe > TWIST_RATIO_MAX * lowLobe;
    // Most looks end here, before a logarithm is taken.
    if (share < MIXED_SHARE || isTwisted) return this.#judge(-1, 0);
    const row = keyNear(LOW_TONES_HZ, peakHz(power, this.#low));
    const column = keyNear(HIGH_TONES_HZ, peakHz(power, this.#high));
    return this.#judge(row < 0 || column < 0 ? -1 : row * 4 + column, share);
  }

  wipe(): void {
    this.#ring.fill(0);
    this.#reach.fill(0);
    this.#spectrum.wipe();
    this.#pair = -1;
    this.#pureLooks = 0;
    this.#mixedLooks = 0;
    this.#residualDbm0 = Number.NEGATIVE_INFINITY;
    this.#low = -1;
    this.#high = -1;
    this.#lowLobe = 0;
    this.#highLobe = 0;
  }

  #judge(pair: number, share: number): boolean {
    if (pair < 0 || pair !== this.#pair) {
      this.#pureLooks = 0;
      this.#mixedLooks = 0;
    }
    this.#pair = pair;
    if (pair < 0) return false;
    this.#mixedLooks += 1;
    this.#pureLooks = share >= PURE_SHARE ? this.#pureLooks + 1 : 0;
    return this.#pureLooks >= PURE_LOOKS || this.#mixedLooks >= MIXED_LOOKS;
  }
}

function loudest(power: Float64Array, first: number, last: number): number {
  let bin = first;
  let most = -1;
  for (let candidate = first; candidate <= last; candidate += 1) {
    const here = power[candidate] ?? 0;
    if (here > most) {
      most = here;
      bin = candidate;
    }
  }
  return bin;
}

function lobe(power: Float64Array, centre: number): number {
  let sum = 0;
  for (let bin = centre - LOBE_BINS; bin <= centre + LOBE_BINS; bin += 1) sum += power[bin] ?? 0;
  return sum;
}

/** Where the peak is between bins: the top of a parabola through three logarithms. */
function peakHz(power: Float64Array, bin: number): number {
  const before = Math.log((power[bin - 1] ?? 0) + 1);
  const here = Math.log((power[bin] ?? 0) + 1);
  const after = Math.log((power[bin + 1] ?? 0) + 1);
  const curve = before - 2 * here + after;
  return (bin + (curve === 0 ? 0 : (before - after) / (2 * curve))) * BIN_HZ;
}

const keyNear = (tonesHz: readonly number[], hz: number): number =>
  tonesHz.findIndex((tone) => Math.abs(hz / tone - 1) <= DEVIATION_MAX);
