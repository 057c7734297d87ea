import { g711DecodeTable, g711EncodeTable } from '../codecs/g711.ts';
import { SAMPLES_PER_MS } from '../tones/level.ts';
import { isG711, type LineUnits, makeUnits, type SampledFormat, unitsPerTick } from './line-format.ts';

/** Voice that must have passed without a break before a gap is filled with more of it. Less may be the beginning of a key. */
const HISTORY_MS = 30;
/** Pitch of voices: 67 to 400 Hz. */
const PERIOD_MS_MIN = 2.5;
const PERIOD_MS_MAX = 15;
/** Compared to find the period: with the longest one before it, all of the history. */
const COMPARED_MS = HISTORY_MS - PERIOD_MS_MAX;
/** As G.711 Appendix I: as loud as before for 10 ms, gone after 60. */
const FULL_MS = 10;
const GONE_MS = 60;

/**
 * Fills a short gap with the last period of the voice before it, again and again and fading, in the manner of G.711 Appendix I.
 * It knows only what has left unmasked: nothing that was taken out comes back, and after a mask or a gap it begins anew.
 */
export class Concealment {
  readonly #format: SampledFormat;
  readonly #perMs: number;
  /** What has left, read in a circle. */
  readonly #history: LineUnits;
  /** The last of it in order, linear: made when a gap begins. */
  readonly #voice: Int16Array;
  #written = 0;
  /** Samples of the gap that are filled; 0: there is no gap. */
  #filled = 0;
  #period = 0;

  constructor(format: SampledFormat) {
    this.#format = format;
    this.#perMs = SAMPLES_PER_MS * unitsPerTick(format);
    this.#history = makeUnits(format, HISTORY_MS * this.#perMs);
    this.#voice = new Int16Array(this.#history.length);
  }

  /** `units[from, to)` has left as the customer's audio. */
  passed(units: LineUnits, from: number, to: number): void {
    if (this.#filled > 0) this.wipe();
    const history = this.#history;
    let at = this.#written % history.length;
    for (let n = from; n < to; n += 1) {
      history[at] = units[n] ?? 0;
      at = at + 1 === history.length ? 0 : at + 1;
    }
    this.#written += to - from;
  }

  /** Fills `units[from, to)` of a gap; false: there is nothing to fill it with (any more). */
  fill(units: LineUnits, from: number, to: number): boolean {
    if (this.#filled === 0 && !this.#begin()) return false;
    if (this.#filled >= GONE_MS * this.#perMs) return false;
    const encode = isG711(this.#format) ? g711EncodeTable(this.#format) : undefined;
    const lastPeriod = this.#voice.length - this.#period;
    for (let n = from; n < to; n += 1) {
      const voice = this.#voice[lastPeriod + (this.#filled % this.#period)] ?? 0;
      const sample = Math.round(voice * this.#gain());
      units[n] = encode === undefined ? sample : (encode[sample & 0xffff] ?? 0);
      this.#filled += 1;
    }
    return true;
  }

  /** Nothing of what has passed is known any more: a mask, another stream, the end. */
  wipe(): void {
    if (this.#written > 0) this.#history.fill(0);
    if (this.#filled > 0) this.#voice.fill(0);
    this.#written = 0;
    this.#filled = 0;
  }

  #gain(): number {
    const ms = this.#filled / this.#perMs;
    return Math.min(1, Math.max(0, (GONE_MS - ms) / (GONE_MS - FULL_MS)));
  }

  #begin(): boolean {
    const history = this.#history;
    if (this.#written < history.length) return false;
    const decode = isG711(this.#format) ? g711DecodeTable(this.#format) : undefined;
    const oldest = this.#written % history.length;
    for (let n = 0; n < history.length; n += 1) {
      const unit = history[(oldest + n) % history.length] ?? 0;
      this.#voice[n] = decode === undefined ? unit : (decode[unit] ?? 0);
    }
    this.#period = this.#bestPeriod();
    return true;
  }

  /** The lag at which the voice is most like itself. */
  #bestPeriod(): number {
    const voice = this.#voice;
    const compared = COMPARED_MS * this.#perMs;
    const from = voice.length - compared;
    let best = PERIOD_MS_MAX * this.#perMs;
    let likest = 0;
    for (let lag = PERIOD_MS_MIN * this.#perMs; lag <= PERIOD_MS_MAX * this.#perMs; lag += 1) {
      let product = 0;
      let energy = 0;
      for (let n = from; n < voice.length; n += 1) {
        const before = voice[n - lag] ?? 0;
        product += (voice[n] ?? 0) * before;
        energy += before * before;
      }
      const likeness = product > 0 && energy > 0 ? (product * product) / energy : 0;
      if (likeness > likest) {
        likest = likeness;
        best = lag;
      }
    }
    return best;
  }
}
