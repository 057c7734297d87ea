import { SAMPLES_PER_MS } from '../tones/level.ts';
import { STEP_SAMPLES, ToneWitness } from './tone-witness.ts';

/** One look each 20 ms: every other step. */
const LOOK_STEPS = 2;
/**
 * Measurements that count as of a key, by the time from its onset to their end: from the first that has the onset in it, where a late mask leaks,
 * and hardly what was said before, to the last that begins within 40 ms, the shortest key. One each 10 ms.
 */
const KEY_FROM_MS = 20;
const KEY_TO_MS = 64;
/** Looks remembered for keys that are told late: more than the look-back and the time that a key takes to be recognised. */
const LOOKS_KEPT = 16;
/** Levels are counted in steps of 1 dB down to this; what is below it is the mask's own audio, or silence. */
const FLOOR_DBM0 = -60;

/** What was heard on leg 7 over one bridge. Levels are those of `ToneWitness.residualDbm0`; undefined where there was nothing to measure. */
export interface Heard {
  /** Keys that left on leg 7, as far as they can be told from speech. */
  readonly tonesOut: number;
  /** The most that was measured while keys were pressed. */
  readonly worstResidualDbm0: number | undefined;
  /** The same measure over the speech of the customer: half of it reads less. */
  readonly speechDbm0: number | undefined;
}

/** Listens to leg 7 as it leaves, and keeps the books of it. Knows of keys only that one was pressed. */
export class Attestor {
  readonly #witness = new ToneWitness();
  readonly #pcm = new Int16Array(STEP_SAMPLES);
  #filled = 0;
  #steps = 0;
  readonly #lookAtMs = new Float64Array(LOOKS_KEPT).fill(Number.NEGATIVE_INFINITY);
  readonly #lookDbm0 = new Float64Array(LOOKS_KEPT);
  #looks = 0;
  /** Number of looks that read `-n` dBm0, and their sum. */
  readonly #speech = new Uint32Array(-FLOOR_DBM0);
  #speechLooks = 0;
  #keyMs = Number.NEGATIVE_INFINITY;
  #worstDbm0 = Number.NEGATIVE_INFINITY;
  #isTone = false;
  #tones = 0;

  /**
   * Audio that is about to leave, or (`leaves` false) is held back because of what was heard before. `endsMs`: the time of its last
   * sample, by the clock of `key`. True while a key is heard.
   */
  hear(pcm: Int16Array, samples: number, endsMs: number, leaves: boolean): boolean {
    let heard = false;
    let looks = 0;
    for (let from = 0; from < samples; ) {
      const taken = Math.min(STEP_SAMPLES - this.#filled, samples - from);
      if (taken === STEP_SAMPLES) this.#witness.take(pcm, from);
      else this.#fill(pcm, from, taken);
      from += taken;
      if (this.#filled > 0) break;
      this.#steps += 1;
      const atMs = endsMs - (samples - from) / SAMPLES_PER_MS;
      if (this.#steps % LOOK_STEPS === 0) {
        looks += 1;
        if (this.#look(atMs, leaves)) heard = true;
      } else if (leaves && this.#isOfKey(atMs)) this.#glance(atMs);
    }
    // Between two looks the last one stands: packets may be shorter.
    return looks > 0 ? heard : this.#isTone;
  }

  /** A key was pressed, and this is the time of its first sample. Keys may be told late. */
  key(onsetMs: number): void {
    this.#keyMs = onsetMs;
    for (let look = 0; look < LOOKS_KEPT; look += 1) {
      if (this.#isOfKey(this.#lookAtMs[look] ?? 0)) {
        this.#worstDbm0 = Math.max(this.#worstDbm0, this.#lookDbm0[look] ?? 0);
      }
    }
  }

  heard(): Heard {
    return {
      tonesOut: this.#tones,
      worstResidualDbm0: Number.isFinite(this.#worstDbm0) ? Math.round(this.#worstDbm0) : undefined,
      speechDbm0: this.#median(),
    };
  }

  wipe(): void {
    this.#witness.wipe();
    this.#pcm.fill(0);
    this.#filled = 0;
    this.#isTone = false;
  }

  /** A part of a step; hands it on when it is whole. */
  #fill(pcm: Int16Array, from: number, samples: number): void {
    for (let n = 0; n < samples; n += 1) this.#pcm[this.#filled + n] = pcm[from + n] ?? 0;
    this.#filled = (this.#filled + samples) % STEP_SAMPLES;
    if (this.#filled === 0) this.#witness.take(this.#pcm, 0);
  }

  #look(atMs: number, leaves: boolean): boolean {
    const isTone = this.#witness.look();
    if (leaves) {
      if (isTone && !this.#isTone) this.#tones += 1;
      this.#keep(atMs);
    }
    this.#isTone = isTone;
    return isTone;
  }

  #glance(atMs: number): void {
    this.#witness.glance();
    this.#keep(atMs);
  }

  #keep(atMs: number): void {
    const { residualDbm0 } = this.#witness;
    const at = this.#looks % LOOKS_KEPT;
    this.#looks += 1;
    this.#lookAtMs[at] = atMs;
    this.#lookDbm0[at] = residualDbm0;
    if (this.#isOfKey(atMs)) {
      this.#worstDbm0 = Math.max(this.#worstDbm0, residualDbm0);
      return;
    }
    if (residualDbm0 <= FLOOR_DBM0) return;
    const step = Math.min(Math.max(0, Math.floor(-residualDbm0)), -FLOOR_DBM0 - 1);
    this.#speech[step] = (this.#speech[step] ?? 0) + 1;
    this.#speechLooks += 1;
  }

  #isOfKey(atMs: number): boolean {
    return atMs >= this.#keyMs + KEY_FROM_MS && atMs <= this.#keyMs + KEY_TO_MS;
  }

  #median(): number | undefined {
    let louder = 0;
    for (let step = 0; step < this.#speech.length; step += 1) {
      louder += this.#speech[step] ?? 0;
      if (2 * louder >= this.#speechLooks && louder > 0) return -step;
    }
    return undefined;
  }
}
