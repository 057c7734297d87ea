import { HOP_MS, type HopBank } from '../tones/hop-bank.ts';
import { MaskingDetector } from '../tones/masking-detector.ts';
import type { DelayLine } from './delay-line.ts';
import type { Hop, HopStage } from './hop.ts';

/** Masked with a suspicious window: the window (20 ms) and 15 ms before it, the whole of the default look-back. */
const BACK_HOPS = 35 / HOP_MS;
/** And after it: the tone's end, and the dips of a tone that somebody talks over. */
const HANG_HOPS = 20 / HOP_MS;
/** Masked where a loss may have cut a key short: the lost hop and the most of a tone that is not recognised yet. */
const CUT_ONSET_HOPS = 30 / HOP_MS;
/** And the end of one whose beginning was lost: a longer piece is recognised as a key again. */
const CUT_END_HOPS = 2;

/** Hears keys in the audio and marks their place in the delay line. */
export class MaskDetect implements HopStage {
  readonly name = 'mask detect';
  readonly #bank: HopBank;
  readonly #line: DelayLine;
  readonly #detector = new MaskingDetector();
  #sinceLoss = 0;

  constructor(bank: HopBank, line: DelayLine) {
    this.#bank = bank;
    this.#line = line;
  }

  take(hop: Hop): void {
    if (hop.lost) {
      if (this.#sinceLoss > 0 && this.#detector.mightBegin(this.#bank)) this.#line.maskBack(CUT_ONSET_HOPS);
      this.#sinceLoss = 0;
    } else {
      this.#sinceLoss += 1;
      if (this.#sinceLoss <= CUT_END_HOPS && this.#detector.mightEnd(this.#bank, this.#sinceLoss)) {
        this.#line.maskBack(CUT_END_HOPS);
      }
    }
    if (!this.#detector.suspects(this.#bank, hop.lost)) return;
    this.#line.maskBack(BACK_HOPS);
    this.#line.maskAhead(HANG_HOPS);
  }

  /** See `MaskingDetector.expectKeys`. */
  expectKeys(): void {
    this.#detector.expectKeys();
  }

  /** See `MaskingDetector.collect`. */
  collect(isFieldOpen: boolean): void {
    this.#detector.collect(isFieldOpen);
  }

  wipe(): void {
    this.#detector.wipe();
    this.#sinceLoss = 0;
  }
}
