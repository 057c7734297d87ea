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

/** Where in a bank's memory what lies: of each hop remembered, then of the whole. */
const Q_AT = HISTORY_HOPS * TONES;
const PAIR_AT = 2 * Q_AT;
const BAND_AT = 3 * Q_AT;
const ENERGY_AT = BAND_AT + HISTORY_HOPS;
const MEMORY = ENERGY_AT + HISTORY_HOPS;

/**
 * The eight correlators both detectors look through: for each hop the I and Q sums at the DTMF frequencies. Longer
 * windows are made by turning the sums of earlier hops into phase, so no sample is touched twice.
 */
export class HopBank {
  /**
   * In one array, since hundreds of banks are visited in turn and each thing that is apart costs a cache line. By hop and tone the I sums, the Q
   * sums, and |correlation|^2 at the nominal frequency of the hop together with the one before it; by hop the latter of all eight tones
   * together, and the energy.
   */
  readonly #memory = new Float64Array(MEMORY);
  /** One bit for each hop remembered, the newest lowest: 1 when it arrived. What was before the stream did not. */
  #arrived = 0;
  #hops = 0;

  /**
   * Takes the next hop of 40 linear samples. Below `floorEnergy` the correlators show nothing: too quiet to matter.
   * `lost`: some or all of it never came, and says nothing about a tone.
   */
  add(pcm: Int16Array, floorEnergy: number, lost = false): void {
    const slot = this.#hops & (HISTORY_HOPS - 1);
    this.#hops += 1;
    this.#arrived = ((this.#arrived << 1) | (lost ? 0 : 1)) & (2 ** HISTORY_HOPS - 1);
    const at = slot * TONES;
    const energy = this.#correlate(pcm, at);
    this.#memory[ENERGY_AT + slot] = energy;
    if (energy <= floorEnergy) this.#clear(at);
    this.#memory[BAND_AT + slot] = this.#pairUp(at, this.#slot(1) * TONES);
  }

  /** Joins the newest hop to the one before it. */
  #pairUp(at: number, before: number): number {
    const memory = this.#memory;
    let sum = 0;
    for (let tone = 0; tone < TONES; tone += 1) {
      const c = pairCos[tone] ?? 0;
      const s = pairSin[tone] ?? 0;
      const earlierI = memory[before + tone] ?? 0;
      const earlierQ = memory[Q_AT + before + tone] ?? 0;
      const i = earlierI * c + earlierQ * s + (memory[at + tone] ?? 0);
      const q = earlierQ * c - earlierI * s + (memory[Q_AT + at + tone] ?? 0);
      const power = i * i + q * q;
      memory[PAIR_AT + at + tone] = power;
      sum += power;
    }
    return sum;
  }

  /**
   * I and Q of all eight tones, seen from the middle of the hop: there a cosine is the same on both sides and a sine its opposite, so that sums and
   * differences of two samples are all they need. This is half of the products of a plain correlation, without the recursion of a Goertzel
   * filter, each step of which waits for the last; in local variables and one loop, since this is most of what a call costs. Returns the energy.
   */
  #correlate(pcm: Int16Array, at: number): number {
    let energy = 0;
    let i0 = 0;
    let i1 = 0;
    let i2 = 0;
    let i3 = 0;
    let i4 = 0;
    let i5 = 0;
    let i6 = 0;
    let i7 = 0;
    let q0 = 0;
    let q1 = 0;
    let q2 = 0;
    let q3 = 0;
    let q4 = 0;
    let q5 = 0;
    let q6 = 0;
    let q7 = 0;
    for (let n = 0, wave = 0; n < HOP_SAMPLES / 2; n += 1, wave += TONES) {
      const before = pcm[n] ?? 0;
      const after = pcm[HOP_SAMPLES - 1 - n] ?? 0;
      energy += before * before + after * after;
      const even = after + before;
      const odd = after - before;
      i0 += even * (cosines[wave] ?? 0);
      i1 += even * (cosines[wave + 1] ?? 0);
      i2 += even * (cosines[wave + 2] ?? 0);
      i3 += even * (cosines[wave + 3] ?? 0);
      i4 += even * (cosines[wave + 4] ?? 0);
      i5 += even * (cosines[wave + 5] ?? 0);
      i6 += even * (cosines[wave + 6] ?? 0);
      i7 += even * (cosines[wave + 7] ?? 0);
      q0 += odd * (sines[wave] ?? 0);
      q1 += odd * (sines[wave + 1] ?? 0);
      q2 += odd * (sines[wave + 2] ?? 0);
      q3 += odd * (sines[wave + 3] ?? 0);
      q4 += odd * (sines[wave + 4] ?? 0);
      q5 += odd * (sines[wave + 5] ?? 0);
      q6 += odd * (sines[wave + 6] ?? 0);
      q7 += odd * (sines[wave + 7] ?? 0);
    }
    const memory = this.#memory;
    memory[at] = i0;
    memory[at + 1] = i1;
    memory[at + 2] = i2;
    memory[at + 3] = i3;
    memory[at + 4] = i4;
    memory[at + 5] = i5;
    memory[at + 6] = i6;
    memory[at + 7] = i7;
    memory[Q_AT + at] = q0;
    memory[Q_AT + at + 1] = q1;
    memory[Q_AT + at + 2] = q2;
    memory[Q_AT + at + 3] = q3;
    memory[Q_AT + at + 4] = q4;
    memory[Q_AT + at + 5] = q5;
    memory[Q_AT + at + 6] = q6;
    memory[Q_AT + at + 7] = q7;
    return energy;
  }

  #clear(at: number): void {
    const memory = this.#memory;
    for (let tone = at; tone < at + TONES; tone += 1) {
      memory[tone] = 0;
      memory[Q_AT + tone] = 0;
    }
  }

  /** Sum of squares over the last `hops` hops, leaving out the newest `skip`. */
  energy(hops: number, skip = 0): number {
    let sum = 0;
    for (let back = skip; back < skip + hops; back += 1)
      sum += this.#memory[ENERGY_AT + this.#slot(back)] ?? 0;
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
    for (let back = 0; back < hops; back += 2)
      sum += this.#memory[PAIR_AT + this.#slot(back) * TONES + tone] ?? 0;
    return sum;
  }

  /** `widePower` of all tones together: no two of them can have more. */
  bandPower(hops: number): number {
    let sum = 0;
    for (let back = 0; back < hops; back += 2) sum += this.#memory[BAND_AT + this.#slot(back)] ?? 0;
    return sum;
  }

  /** |correlation|^2 with one tone in one hop. */
  hopPower(tone: number, back: number): number {
    const at = this.#slot(back) * TONES + tone;
    const i = this.#memory[at] ?? 0;
    const q = this.#memory[Q_AT + at] ?? 0;
    return i * i + q * q;
  }

  /** What `power` is at most, at whatever frequency: that of the same hops if all of them were in phase. */
  powerAtMost(tone: number, hops: number): number {
    let sum = 0;
    for (let back = 0; back < hops; back += 1) sum += Math.sqrt(this.hopPower(tone, back));
    return sum * sum;
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
      const turned = i * c + q * s + (this.#memory[at] ?? 0);
      q = q * c - i * s + (this.#memory[Q_AT + at] ?? 0);
      i = turned;
    }
    return i * i + q * q;
  }

  wipe(): void {
    this.#memory.fill(0);
    this.#arrived = 0;
    this.#hops = 0;
  }

  #slot(back: number): number {
    return (this.#hops - 1 - back) & (HISTORY_HOPS - 1);
  }
}

// Of the module and not of each bank: hundreds of banks read the same few cache lines.
/** For each sample of half a hop the eight tones, as seen from the middle of the hop. */
const waves = (wave: (angle: number) => number): Float64Array =>
  Float64Array.from({ length: (HOP_SAMPLES / 2) * TONES }, (_, at) => {
    const fromMiddle = (HOP_SAMPLES - 1) / 2 - Math.floor(at / TONES);
    return wave((2 * Math.PI * (TONES_HZ[at % TONES] ?? 0) * fromMiddle) / SAMPLE_RATE_HZ);
  });

/** How far a tone turns from one hop to the next: for each tone and each deviation of the grid. */
const turns = (wave: (angle: number) => number): Float64Array =>
  Float64Array.from({ length: TONES * GRID }, (_, at) => {
    const tone = TONES_HZ[Math.floor(at / GRID)] ?? 0;
    const deviation = 1 + ((at % GRID) - DEVIATION_STEPS) * DEVIATION_STEP;
    return wave((2 * Math.PI * tone * deviation * HOP_SAMPLES) / SAMPLE_RATE_HZ);
  });

const cosines = waves(Math.cos);
const sines = waves(Math.sin);
const turnCos = turns(Math.cos);
const turnSin = turns(Math.sin);
const pairCos = Float64Array.from(
  { length: TONES },
  (_, tone) => turnCos[tone * GRID + DEVIATION_STEPS] ?? 0,
);
const pairSin = Float64Array.from(
  { length: TONES },
  (_, tone) => turnSin[tone * GRID + DEVIATION_STEPS] ?? 0,
);
