import type { MaskStyle } from '@sordino/core';
import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import { Concealment } from './concealment.ts';
import { type DelayLine, Verdict } from './delay-line.ts';
import { type LineUnits, type SampledFormat, unitsPerTick } from './line-format.ts';
import type { MaskHolder } from './mask-hold.ts';
import type { OutputState } from './output-state.ts';
import { type ReplacementAudio, replacementAudio } from './replacement-audio.ts';

/**
 * Puts replacement audio where a verdict or the hold says so. Replacement is indexed by stream position: no seams. Where the
 * customer's audio never came, more of the voice before it is put for a while; never while a field is open, when what is missing
 * may be a key: then it is noise, which says nothing.
 */
export class MaskApply {
  readonly name = 'mask apply';
  readonly #line: DelayLine;
  readonly #holder: MaskHolder;
  readonly #output: OutputState;
  readonly #perTick: number;
  readonly #mask: ReplacementAudio;
  readonly #noise: ReplacementAudio;
  readonly #concealment: Concealment;

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
    this.#concealment = new Concealment(format);
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
      const first = (from - begin) * perTick;
      const last = (to - begin) * perTick;
      if (verdict === Verdict.pass) {
        if (this.#holder.collecting) this.#concealment.wipe();
        else this.#concealment.passed(frame, first, last);
      } else {
        replaced = true;
        this.#replace(frame, first, last, begin * perTick, verdict);
      }
      from = to;
    }
    return replaced;
  }

  wipe(): void {
    this.#concealment.wipe();
  }

  /** `shift`: where in the stream the frame begins. */
  #replace(frame: LineUnits, first: number, last: number, shift: number, verdict: number): void {
    const isGap = verdict === Verdict.lost && !this.#holder.collecting;
    if (isGap && this.#concealment.fill(frame, first, last)) return;
    if (!isGap) this.#concealment.wipe();
    const audio = verdict === Verdict.masked ? this.#mask : this.#noise;
    for (let at = first; at < last; at += 1) frame[at] = audio[(shift + at) % audio.length] ?? 0;
  }

  #verdictOf(hop: number, position: number): number {
    const verdict = this.#holder.masks(hop) ? Verdict.masked : this.#line.verdictAt(position);
    return this.#output.maskIsOff && verdict === Verdict.masked ? Verdict.pass : verdict;
  }
}
