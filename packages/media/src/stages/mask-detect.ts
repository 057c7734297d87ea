import { HOP_MS, type HopBank } from '../tones/hop-bank.ts';
import { MaskingDetector } from '../tones/masking-detector.ts';
import type { DelayLine } from './delay-line.ts';
import type { Hop, HopStage } from './hop.ts';

/** Masked with a suspicious window: the window (20 ms) and 15 ms before it, the whole of the default look-back. */
const BACK_HOPS = 35 / HOP_MS;
/** And after it: the tone's end, and the dips of a tone that somebody talks over. */
const HANG_HOPS = 30 / HOP_MS;
/** Masked where a loss may have cut a key short: the lost hop and the most of a tone that is not recognised yet. */
const CUT_HOPS = 30 / HOP_MS;

/** Hears keys in the audio and marks their place in the delay line. */
export class MaskDetect implements HopStage {
  readonly name = 'mask detect';
  readonly #bank: HopBank;
  readonly #line: DelayLine;
  readonly #detector = new MaskingDetector();
  #lostBefore = false;

  constructor(bank: HopBank, line: DelayLine) {
    this.#bank = bank;
    this.#line = line;
  }

  take(hop: Hop): void {
    if (hop.lost && !this.#lostBefore && this.#detector.mightBegin(this.#bank)) this.#line.maskBack(CUT_HOPS);
    this.#lostBefore = hop.lost;
    if (!this.#detector.suspects(this.#bank, hop.lost)) return;
    this.#line.maskBack(BACK_HOPS);
    this.#line.maskAhead(HANG_HOPS);
  }

  wipe(): void {
    this.#detector.wipe();
    this.#lostBefore = false;
  }
}
