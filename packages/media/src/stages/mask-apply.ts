import type { MaskStyle } from '@sordino/core';
import type { G711Codec } from '../codecs/g711.ts';
import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import { SAMPLES_PER_MS } from '../tones/level.ts';
import { type DelayLine, Verdict } from './delay-line.ts';
import type { MaskHolder } from './mask-hold.ts';
import { type ReplacementAudio, replacementAudio } from './replacement-audio.ts';

/** Puts replacement audio where a verdict or the hold says so. Replacement is indexed by stream position: no seams. */
export class MaskApply {
  readonly name = 'mask apply';
  readonly #line: DelayLine;
  readonly #holder: MaskHolder;
  readonly #style: MaskStyle;
  #mask: ReplacementAudio;
  #noise: ReplacementAudio;
  #maskedSamples = 0;

  constructor(line: DelayLine, holder: MaskHolder, style: MaskStyle, codec: G711Codec) {
    this.#line = line;
    this.#holder = holder;
    this.#style = style;
    this.#mask = replacementAudio(style, codec);
    this.#noise = replacementAudio('comfort_noise', codec);
  }

  get maskedMs(): number {
    return this.#maskedSamples / SAMPLES_PER_MS;
  }

  use(codec: G711Codec): void {
    this.#mask = replacementAudio(this.#style, codec);
    this.#noise = replacementAudio('comfort_noise', codec);
  }

  /** Reads the next `frame.length` samples of the line into `frame`; true when any of them is replacement. */
  fill(frame: Uint8Array): boolean {
    const begin = this.#line.readPosition;
    const end = begin + frame.length;
    let replaced = false;
    for (let from = begin; from < end; ) {
      const hop = Math.floor(from / HOP_SAMPLES);
      const to = Math.min(end, (hop + 1) * HOP_SAMPLES);
      const verdict = this.#holder.masks(hop) ? Verdict.masked : this.#line.verdictAt(from);
      if (verdict === Verdict.masked) this.#maskedSamples += to - from;
      this.#line.read(frame, from - begin, to - from);
      if (verdict !== Verdict.pass) {
        replaced = true;
        const audio = verdict === Verdict.masked ? this.#mask : this.#noise;
        for (let at = from; at < to; at += 1) frame[at - begin] = audio[at % audio.length] ?? 0;
      }
      from = to;
    }
    return replaced;
  }
}
