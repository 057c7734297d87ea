import { TONES_HZ } from './keypad.ts';
import { SAMPLE_RATE_HZ } from './level.ts';

/** 5 ms: short enough that three make a 15 ms window, long enough that a packet holds few of them. */
export const HOP_SAMPLES = 40;
export const HOP_MS = 5;
/** Hops remembered: the longest window of the two detectors, rounded up to a power of two. */
const HISTORY_HOPS = 8;
const TONES = TONES_HZ.length;
/** Grid of frequency deviations, relative: fine enough to lose under 2 % of the power between two points. */
export const DEVIATION_STEP = 0.006;
/** Grid points on each side of nominal: 4.8 %, past everything that either detector decides on. */
export const DEVIATION_STEPS = 8;
const GRID = 2 * DEVIATION_STEPS + 1;

/**
 * The eight correlators both detectors look through: for each hop the I and Q sums at the DTMF frequencies. Longer
 * windows are made by turning the sums of earlier hops into phase, so no sample is touched twice.
 */
export class HopBank {
  readonly #cos = reference(Math.cos);
  readonly #sin = reference(Math.sin);
  readonly #turnCos = turns(Math.cos);
  readonly #turnSin = turns(Math.sin);
  readonly #i = new Float64Array(HISTORY_HOPS * TONES);
  readonly #q = new Float64Array(HISTORY_HOPS * TONES);
  readonly #energy = new Float64Array(HISTORY_HOPS);
  #hops = 0;

  /** Takes the next hop of 40 linear samples. Below `floorEnergy` the correlators are skipped: too quiet to matter. */
  add(pcm: Int16Array, floorEnergy: number): void {
    const slot = this.#hops & (HISTORY_HOPS - 1);
    this.#hops += 1;
    let energy = 0;
    for (let n = 0; n < HOP_SAMPLES; n += 1) {
      const sample = pcm[n] ?? 0;
      energy += sample * sample;
    }
    this.#energy[slot] = energy;
    for (let tone = 0; tone < TONES; tone += 1) {
      let i = 0;
      let q = 0;
      if (energy > floorEnergy) {
        const from = tone * HOP_SAMPLES;
        for (let n = 0; n < HOP_SAMPLES; n += 1) {
          const sample = pcm[n] ?? 0;
          i += sample * (this.#cos[from + n] ?? 0);
          q += sample * (this.#sin[from + n] ?? 0);
        }
      }
      this.#i[slot * TONES + tone] = i;
      this.#q[slot * TONES + tone] = q;
    }
  }

  /** Sum of squares over the last `hops` hops, leaving out the newest `skip`. */
  energy(hops: number, skip = 0): number {
    let sum = 0;
    for (let back = skip; back < skip + hops; back += 1) sum += this.#energy[this.#slot(back)] ?? 0;
    return sum;
  }

  /**
   * |correlation|^2 with one tone over the last `hops` hops (leaving out the newest `skip`), the tone taken to be off
   * its nominal frequency by `step` grid steps. A lone sine of amplitude A gives (A * samples / 2)^2.
   */
  power(tone: number, hops: number, step = 0, skip = 0): number {
    // Horner's scheme from the oldest hop on: each step turns what is summed so far by one hop.
    const turn = tone * GRID + step + DEVIATION_STEPS;
    const c = this.#turnCos[turn] ?? 0;
    const s = this.#turnSin[turn] ?? 0;
    let i = 0;
    let q = 0;
    for (let back = skip + hops - 1; back >= skip; back -= 1) {
      const at = this.#slot(back) * TONES + tone;
      const turned = i * c + q * s + (this.#i[at] ?? 0);
      q = q * c - i * s + (this.#q[at] ?? 0);
      i = turned;
    }
    return i * i + q * q;
  }

  wipe(): void {
    this.#i.fill(0);
    this.#q.fill(0);
    this.#energy.fill(0);
    this.#hops = 0;
  }

  #slot(back: number): number {
    return (this.#hops - 1 - back) & (HISTORY_HOPS - 1);
  }
}

function reference(wave: (angle: number) => number): Float64Array {
  return Float64Array.from({ length: TONES * HOP_SAMPLES }, (_, at) => {
    const tone = TONES_HZ[Math.floor(at / HOP_SAMPLES)] ?? 0;
    return wave((2 * Math.PI * tone * (at % HOP_SAMPLES)) / SAMPLE_RATE_HZ);
  });
}

function turns(wave: (angle: number) => number): Float64Array {
  return Float64Array.from({ length: TONES * GRID }, (_, at) => {
    const tone = TONES_HZ[Math.floor(at / GRID)] ?? 0;
    const deviation = 1 + ((at % GRID) - DEVIATION_STEPS) * DEVIATION_STEP;
    return wave((2 * Math.PI * tone * deviation * HOP_SAMPLES) / SAMPLE_RATE_HZ);
  });
}
