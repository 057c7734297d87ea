import type { SeededRandom } from './random.ts';
import { SAMPLE_RATE_HZ } from './samples.ts';

/** Centre frequencies of the first four resonances of the vocal tract, in Hz. */
export type Formants = readonly [number, number, number, number];

/**
 * English vowels of an adult male (Peterson & Barney 1952; the fourth resonance is the textbook's constant). Those of
 * "hod", "hud" and "heard" are left out: their two lowest resonances lie in the two groups of DTMF frequencies, and
 * this talker must read as low as can be where a trace of a tone is looked for.
 */
export const VOWELS: readonly [Formants, ...Formants[]] = [
  [270, 2290, 3010, 3500], // heed
  [390, 1990, 2550, 3500], // hid
  [530, 1840, 2480, 3500], // head
  [660, 1720, 2410, 3500], // had
  [570, 840, 2410, 3500], // hawed
  [440, 1020, 2240, 3500], // hood
  [300, 870, 2240, 3500], // who
];

/** Bandwidths of the four resonances: wide enough that no single harmonic stands out like a tone. */
const BANDWIDTHS_HZ: Formants = [90, 110, 160, 220];

/** Four resonators one after another, as in Klatt's cascade synthesiser; each has unit gain at 0 Hz. */
export class VocalTract {
  readonly #stages = BANDWIDTHS_HZ.map((bandwidthHz) => ({ bandwidthHz, a: 0, b: 0, c: 0, y1: 0, y2: 0 }));

  tune(formants: Formants): void {
    this.#stages.forEach((stage, index) => {
      const frequencyHz = formants[index] ?? 0;
      const radius = Math.exp((-Math.PI * stage.bandwidthHz) / SAMPLE_RATE_HZ);
      stage.c = -radius * radius;
      stage.b = 2 * radius * Math.cos((2 * Math.PI * frequencyHz) / SAMPLE_RATE_HZ);
      stage.a = 1 - stage.b - stage.c;
    });
  }

  next(excitation: number): number {
    let value = excitation;
    for (const stage of this.#stages) {
      const out = stage.a * value + stage.b * stage.y1 + stage.c * stage.y2;
      stage.y2 = stage.y1;
      stage.y1 = out;
      value = out;
    }
    return value;
  }
}

/** A Rosenberg glottal pulse train with a little jitter and shimmer, so that no two periods are alike. */
export class Glottis {
  readonly #random: SeededRandom;
  #phase = 0;
  #jitter = 1;
  #shimmer = 1;
  #previous = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** The next sample of the differentiated flow at this pitch. */
  next(pitchHz: number): number {
    this.#phase += (pitchHz * this.#jitter) / SAMPLE_RATE_HZ;
    if (this.#phase >= 1) {
      this.#phase -= 1;
      this.#jitter = this.#random.between(0.97, 1.03);
      this.#shimmer = this.#random.between(0.85, 1.15);
    }
    const flow = this.#shimmer * rosenberg(this.#phase);
    const derivative = flow - this.#previous;
    this.#previous = flow;
    return derivative;
  }
}

const OPENING = 0.4;
const CLOSING = 0.16;

function rosenberg(phase: number): number {
  if (phase < OPENING) return 0.5 * (1 - Math.cos((Math.PI * phase) / OPENING));
  if (phase < OPENING + CLOSING) return Math.cos((Math.PI * (phase - OPENING)) / (2 * CLOSING));
  return 0;
}
