import { TONES_HZ } from './keypad.ts';
import { SAMPLE_RATE_HZ } from './level.ts';

/** 5 ms: short enough that three make a 15 ms window, long enough that a packet holds few of them. */
export const HOP_SAMPLES = 40;
export const HOP_MS = 5;
/** Hops remembered, 40 ms: the longest window of the two detectors; a power of two. */
export const HISTORY_HOPS = 8;
const TONES = TONES_HZ.length;
/** Grid of frequency deviations, relative: fine enough to lose under 2 % of the power between two points. */
const DEVIATION_STEP = 0.006;
/** Grid points on each side of nominal: 4.8 %, past everything that either detector decides on. */
const DEVIATION_STEPS = 8;
const GRID = 2 * DEVIATION_STEPS + 1;

/**
 * The eight correlators both detectors look through: for each hop the I and Q sums at the DTMF frequencies. Longer
 * windows are made by turning the sums of earlier hops into phase, so no sample is touched twice.
 */
export class HopBank {
  readonly #i = new Float64Array(HISTORY_HOPS * TONES);
  readonly #q = new Float64Array(HISTORY_HOPS * TONES);
  readonly #energy = new Float64Array(HISTORY_HOPS);
  /** Of each hop together with the one before it: |correlation|^2 at the nominal frequencies. */
  readonly #pairPower = new Float64Array(HISTORY_HOPS * TONES);
  /** The same of all eight tones together. */
  readonly #bandPower = new Float64Array(HISTORY_HOPS);
  /** One bit for each hop remembered, the newest lowest: 1 when it arrived. What was before the stream did not. */
  #arrived = 0;
  #hops = 0;

  /**
   * Takes the next hop of 40 linear samples. Below `floorEnergy` the correlators are skipped: too quiet to matter.
   * `lost`: some or all of it never came, and says nothing about a tone.
   */
  add(pcm: Int16Array, floorEnergy: number, lost = false): void {
    const slot = this.#hops & (HISTORY_HOPS - 1);
    this.#hops += 1;
    this.#arrived = ((this.#arrived << 1) | (lost ? 0 : 1)) & (2 ** HISTORY_HOPS - 1);
    let energy = 0;
    for (let n = 0; n < HOP_SAMPLES; n += 1) {
      const sample = pcm[n] ?? 0;
      energy += sample * sample;
    }
    this.#energy[slot] = energy;
    const at = slot * TONES;
    for (let tone = 0; tone < TONES; tone += 4) {
      if (energy > floorEnergy) this.#correlateFour(pcm, tone, at);
      else this.#clearFour(at + tone);
    }
    this.#bandPower[slot] = this.#pairUp(at, this.#slot(1) * TONES);
  }

  /** Joins the newest hop to the one before it. */
  #pairUp(at: number, before: number): number {
    let sum = 0;
    for (let tone = 0; tone < TONES; tone += 1) {
      const c = turnCos[tone * GRID + DEVIATION_STEPS] ?? 0;
      const s = turnSin[tone * GRID + DEVIATION_STEPS] ?? 0;
      const earlierI = this.#i[before + tone] ?? 0;
      const earlierQ = this.#q[before + tone] ?? 0;
      const i = earlierI * c + earlierQ * s + (this.#i[at + tone] ?? 0);
      const q = earlierQ * c - earlierI * s + (this.#q[at + tone] ?? 0);
      const power = i * i + q * q;
      this.#pairPower[at + tone] = power;
      sum += power;
    }
    return sum;
  }

  /**
   * Four Goertzel recursions side by side, in local variables: this loop is most of what a masked call costs. Where
   * a recursion ends, its last two values give the I and Q sums that the bank keeps.
   */
  #correlateFour(pcm: Int16Array, tone: number, at: number): void {
    const c0 = twoCos[tone] ?? 0;
    const c1 = twoCos[tone + 1] ?? 0;
    const c2 = twoCos[tone + 2] ?? 0;
    const c3 = twoCos[tone + 3] ?? 0;
    let last0 = 0;
    let last1 = 0;
    let last2 = 0;
    let last3 = 0;
    let before0 = 0;
    let before1 = 0;
    let before2 = 0;
    let before3 = 0;
    for (let n = 0; n < HOP_SAMPLES; n += 1) {
      const sample = pcm[n] ?? 0;
      const now0 = sample + c0 * last0 - before0;
      const now1 = sample + c1 * last1 - before1;
      const now2 = sample + c2 * last2 - before2;
      const now3 = sample + c3 * last3 - before3;
      before0 = last0;
      before1 = last1;
      before2 = last2;
      before3 = last3;
      last0 = now0;
      last1 = now1;
      last2 = now2;
      last3 = now3;
    }
    this.#keep(tone, at, last0, before0);
    this.#keep(tone + 1, at, last1, before1);
    this.#keep(tone + 2, at, last2, before2);
    this.#keep(tone + 3, at, last3, before3);
  }

  /** last - before * e^(-jw) is the correlation as seen from the hop's end; turned back to its beginning, conjugated. */
  #keep(tone: number, at: number, last: number, before: number): void {
    const re = last - before * (stepCos[tone] ?? 0);
    const im = before * (stepSin[tone] ?? 0);
    const c = hopCos[tone] ?? 0;
    const s = hopSin[tone] ?? 0;
    this.#i[at + tone] = re * c + im * s;
    this.#q[at + tone] = re * s - im * c;
  }

  #clearFour(from: number): void {
    for (let at = from; at < from + 4; at += 1) {
      this.#i[at] = 0;
      this.#q[at] = 0;
    }
  }

  /** Sum of squares over the last `hops` hops, leaving out the newest `skip`. */
  energy(hops: number, skip = 0): number {
    let sum = 0;
    for (let back = skip; back < skip + hops; back += 1) sum += this.#energy[this.#slot(back)] ?? 0;
    return sum;
  }

  /** How many of the last `hops` hops arrived. */
  arrived(hops: number): number {
    let count = 0;
    for (let bits = this.#arrived & ((1 << hops) - 1); bits > 0; bits >>= 1) count += bits & 1;
    return count;
  }

  /**
   * |correlation|^2 with one tone in each 10 ms, summed over the last `hops` hops (an even number). Wide enough (100 Hz
   * each side) that a tone off its nominal frequency shows, and cheap: a first look before `power`.
   */
  widePower(tone: number, hops: number): number {
    let sum = 0;
    for (let back = 0; back < hops; back += 2) sum += this.#pairPower[this.#slot(back) * TONES + tone] ?? 0;
    return sum;
  }

  /** `widePower` of all tones together: no two of them can have more. */
  bandPower(hops: number): number {
    let sum = 0;
    for (let back = 0; back < hops; back += 2) sum += this.#bandPower[this.#slot(back)] ?? 0;
    return sum;
  }

  /** |correlation|^2 with one tone in one hop. */
  hopPower(tone: number, back: number): number {
    const at = this.#slot(back) * TONES + tone;
    return (this.#i[at] ?? 0) ** 2 + (this.#q[at] ?? 0) ** 2;
  }

  /** |correlation|^2 of each of the last `hops` hops, summed: a steady tone's is the window's own by the number of hops. */
  hopPowers(tone: number, hops: number): number {
    let sum = 0;
    for (let back = 0; back < hops; back += 1) sum += this.hopPower(tone, back);
    return sum;
  }

  /** The tone of the group of four from `first` on with the most `widePower`. */
  widest(first: number, hops: number): number {
    let tone = first;
    let most = -1;
    for (let candidate = first; candidate < first + 4; candidate += 1) {
      const power = this.widePower(candidate, hops);
      if (power > most) {
        most = power;
        tone = candidate;
      }
    }
    return tone;
  }

  /**
   * |correlation|^2 with one tone over the last `hops` hops (leaving out the newest `skip`), the tone taken to be off
   * its nominal frequency by `step` grid steps. A lone sine of amplitude A gives (A * samples / 2)^2.
   */
  power(tone: number, hops: number, step = 0, skip = 0): number {
    // Horner's scheme from the oldest hop on: each step turns what is summed so far by one hop.
    const turn = tone * GRID + step + DEVIATION_STEPS;
    const c = turnCos[turn] ?? 0;
    const s = turnSin[turn] ?? 0;
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
    this.#pairPower.fill(0);
    this.#bandPower.fill(0);
    this.#arrived = 0;
    this.#hops = 0;
  }

  #slot(back: number): number {
    return (this.#hops - 1 - back) & (HISTORY_HOPS - 1);
  }
}

/** A value for each tone, of its angle per sample. */
const perTone = (of: (step: number) => number): Float64Array =>
  Float64Array.from(TONES_HZ, (hz) => of((2 * Math.PI * hz) / SAMPLE_RATE_HZ));

function turns(wave: (angle: number) => number): Float64Array {
  return Float64Array.from({ length: TONES * GRID }, (_, at) => {
    const tone = TONES_HZ[Math.floor(at / GRID)] ?? 0;
    const deviation = 1 + ((at % GRID) - DEVIATION_STEPS) * DEVIATION_STEP;
    return wave((2 * Math.PI * tone * deviation * HOP_SAMPLES) / SAMPLE_RATE_HZ);
  });
}

// Of the module and not of each bank: hundreds of banks read the same few cache lines.
const twoCos = perTone((step) => 2 * Math.cos(step));
const stepCos = perTone(Math.cos);
const stepSin = perTone(Math.sin);
const hopCos = perTone((step) => Math.cos(step * (HOP_SAMPLES - 1)));
const hopSin = perTone((step) => Math.sin(step * (HOP_SAMPLES - 1)));
const turnCos = turns(Math.cos);
const turnSin = turns(Math.sin);
