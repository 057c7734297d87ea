import type { MaskStyle } from '@sordino/core';
import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import { type DelayLine, Verdict } from './delay-line.ts';
import { type LineUnits, type SampledFormat, unitsPerTick } from './line-format.ts';
import type { MaskHolder } from './mask-hold.ts';
import type { OutputState } from './output-state.ts';
import { type ReplacementAudio, replacementAudio } from './replacement-audio.ts';

/** Puts replacement audio where a verdict or the hold says so. Replacement is indexed by stream position: no seams. */
export class MaskApply {
  readonly name = 'mask apply';
  readonly #line: DelayLine;
  readonly #holder: MaskHolder;
  readonly #output: OutputState;
  readonly #perTick: number;
  readonly #mask: ReplacementAudio;
  readonly #noise: ReplacementAudio;

  constructor(
    line: DelayLine,
    holder: MaskHolder,
    style: MaskStyle,
    format: SampledFormat,
    output: OutputState,
  ) {
    this.#line = line;
    this.#holder = holder;
    this.#output = output;
    this.#perTick = unitsPerTick(format);
    this.#mask = replacementAudio(style, format);
    this.#noise = replacementAudio('comfort_noise', format);
  }

  /** Reads the next ticks of the line into `frame`, as many as it has room for; true when any of them is replacement. */
  fill(frame: LineUnits): boolean {
    const perTick = this.#perTick;
    const begin = this.#line.readPosition;
    const end = begin + frame.length / perTick;
    let replaced = false;
    for (let from = begin; from < end; ) {
      const hop = Math.floor(from / HOP_SAMPLES);
      const to = Math.min(end, (hop + 1) * HOP_SAMPLES);
      const verdict = this.#verdictOf(hop, from);
      if (verdict === Verdict.masked) this.#output.maskedTicks += to - from;
      this.#line.read(frame, (from - begin) * perTick, to - from);
      if (verdict !== Verdict.pass) {
        replaced = true;
        const audio = verdict === Verdict.masked ? this.#mask : this.#noise;
        const shift = begin * perTick;
        for (let at = from * perTick; at < to * perTick; at += 1) {
          frame[at - shift] = audio[at % audio.length] ?? 0;
        }
      }
      from = to;
    }
    return replaced;
  }

  #verdictOf(hop: number, position: number): number {
    const verdict = this.#holder.masks(hop) ? Verdict.masked : this.#line.verdictAt(position);
    return this.#output.maskIsOff && verdict === Verdict.masked ? Verdict.pass : verdict;
  }
}
