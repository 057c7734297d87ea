import { type G711Codec, g711TranscodeTable } from '../codecs/g711.ts';
import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import type { Hop, HopStage } from './hop.ts';

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
  readonly #codes = new Uint8Array(LINE_HOPS * HOP_SAMPLES);
  readonly #verdicts = new Uint8Array(LINE_HOPS);
  #nextHop = 0;
  #readPosition = 0;
  #maskThroughHop = -1;

  constructor(lookbackHops: number) {
    this.lookbackHops = lookbackHops;
    this.#prefill();
  }

  /** The hop that will be taken next. */
  get nextHop(): number {
    return this.#nextHop;
  }

  /** The sample that will be read next. */
  get readPosition(): number {
    return this.#readPosition;
  }

  get lookbackSamples(): number {
    return this.lookbackHops * HOP_SAMPLES;
  }

  /** Samples that may leave: all but the look-back. */
  get readable(): number {
    return (this.#nextHop - this.lookbackHops) * HOP_SAMPLES - this.#readPosition;
  }

  take(hop: Hop): void {
    const slot = this.#nextHop % LINE_HOPS;
    this.#codes.set(hop.codes, slot * HOP_SAMPLES);
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

  /** Moves `samples` codes from the read position into `into`, from `at` on. What has left is not kept. */
  read(into: Uint8Array, at: number, samples: number): void {
    const length = this.#codes.length;
    let from = this.#readPosition % length;
    for (let n = at; n < at + samples; n += 1) {
      into[n] = this.#codes[from] ?? 0;
      this.#codes[from] = 0;
      from = from + 1 === length ? 0 : from + 1;
    }
    this.#readPosition += samples;
  }

  /** What is in the line goes on in another law. */
  transcode(from: G711Codec, to: G711Codec): void {
    const table = g711TranscodeTable(from, to);
    for (let at = 0; at < this.#codes.length; at += 1) this.#codes[at] = table[this.#codes[at] ?? 0] ?? 0;
  }

  wipe(): void {
    this.#codes.fill(0);
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
