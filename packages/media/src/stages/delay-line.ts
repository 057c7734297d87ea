import { g711TranscodeTable } from '../codecs/g711.ts';
import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import type { Hop, HopStage } from './hop.ts';
import { isG711, type LineFormat, type LineUnits, makeUnits, unitsPerTick } from './line-format.ts';

/** 1.28 s: look-back, plus all that a paced output may hold back, plus room. */
const LINE_HOPS = 256;

/** What is to be heard of a hop when it leaves the line. */
export const Verdict = {
  /** As it came. */
  pass: 0,
  /** It never came: comfort noise. */
  lost: 1,
  /** A key is or may be in it: the mask. */
  masked: 2,
} as const;

/** The look-back: holds the newest audio so that a tone can be masked from its first sample, after it was recognised. */
export class DelayLine implements HopStage {
  readonly name = 'delay line';
  readonly lookbackHops: number;
  #format: LineFormat;
  #units: LineUnits;
  #perTick: number;
  readonly #verdicts = new Uint8Array(LINE_HOPS);
  #nextHop = 0;
  #readPosition = 0;
  #maskThroughHop = -1;

  constructor(lookbackHops: number, format: LineFormat) {
    this.lookbackHops = lookbackHops;
    this.#format = format;
    this.#perTick = unitsPerTick(format);
    this.#units = makeUnits(format, LINE_HOPS * HOP_SAMPLES * this.#perTick);
    this.#prefill();
  }

  /** The hop that will be taken next. */
  get nextHop(): number {
    return this.#nextHop;
  }

  /** The tick that will be read next. */
  get readPosition(): number {
    return this.#readPosition;
  }

  get lookbackSamples(): number {
    return this.lookbackHops * HOP_SAMPLES;
  }

  /** Ticks that may leave: all but the look-back. */
  get readable(): number {
    return (this.#nextHop - this.lookbackHops) * HOP_SAMPLES - this.#readPosition;
  }

  take(hop: Hop): void {
    const slot = this.#nextHop % LINE_HOPS;
    const length = HOP_SAMPLES * this.#perTick;
    const at = slot * length;
    // So few that a call of `set` costs more.
    for (let n = 0; n < length; n += 1) this.#units[at + n] = hop.units[n] ?? 0;
    this.#verdicts[slot] =
      this.#nextHop <= this.#maskThroughHop ? Verdict.masked : hop.lost ? Verdict.lost : Verdict.pass;
    this.#nextHop += 1;
  }

  /** Masks the newest `hops` hops, as far as they have not left. */
  maskBack(hops: number): void {
    const oldest = Math.max(this.#nextHop - hops, Math.floor(this.#readPosition / HOP_SAMPLES));
    for (let hop = oldest; hop < this.#nextHop; hop += 1) this.#verdicts[hop % LINE_HOPS] = Verdict.masked;
  }

  /** Masks the next `hops` hops that come. */
  maskAhead(hops: number): void {
    this.#maskThroughHop = Math.max(this.#maskThroughHop, this.#nextHop + hops - 1);
  }

  verdictAt(position: number): number {
    return this.#verdicts[Math.floor(position / HOP_SAMPLES) % LINE_HOPS] ?? Verdict.lost;
  }

  /** Moves what lies in the next `ticks` into `into`, from unit `at` on. What has left is not kept. */
  read(into: LineUnits, at: number, ticks: number): void {
    const units = this.#units;
    const length = units.length;
    let from = (this.#readPosition * this.#perTick) % length;
    for (let n = at; n < at + ticks * this.#perTick; n += 1) {
      into[n] = units[from] ?? 0;
      units[from] = 0;
      from = from + 1 === length ? 0 : from + 1;
    }
    this.#readPosition += ticks;
  }

  /** Passes over the next `ticks`, of which the line holds nothing. */
  skip(ticks: number): void {
    this.#readPosition += ticks;
  }

  /** From law to law what is in the line goes on; of any other change the look-back, comfort noise, is to be heard. */
  use(format: LineFormat): void {
    if (format === this.#format) return;
    if (isG711(format) && isG711(this.#format)) {
      const table = g711TranscodeTable(this.#format, format);
      for (let at = 0; at < this.#units.length; at += 1) this.#units[at] = table[this.#units[at] ?? 0] ?? 0;
    } else {
      this.#units.fill(0);
      this.#perTick = unitsPerTick(format);
      this.#units = makeUnits(format, LINE_HOPS * HOP_SAMPLES * this.#perTick);
      this.#verdicts.fill(Verdict.lost);
    }
    this.#format = format;
  }

  wipe(): void {
    this.#units.fill(0);
    this.#prefill();
  }

  /** A new line holds comfort noise, never the click of a sudden start. */
  #prefill(): void {
    this.#verdicts.fill(Verdict.lost);
    this.#nextHop = this.lookbackHops;
    this.#readPosition = 0;
    this.#maskThroughHop = -1;
  }
}
