import { CaptureDetector } from '../tones/capture-detector.ts';
import { HOP_SAMPLES, type HopBank } from '../tones/hop-bank.ts';
import type { Hop, HopStage } from './hop.ts';
import type { KeyFusion } from './key-fusion.ts';

/** Recognises the keys that come as tones. */
export class ToneCapture implements HopStage {
  readonly name = 'tone capture';
  readonly #bank: HopBank;
  readonly #fusion: KeyFusion;
  readonly #detector = new CaptureDetector();

  constructor(bank: HopBank, fusion: KeyFusion) {
    this.#bank = bank;
    this.#fusion = fusion;
  }

  /** A key is sounding at this moment. */
  get running(): boolean {
    return this.#detector.sounding >= 0;
  }

  take(hop: Hop): void {
    const heard = this.#detector.listen(this.#bank, hop.lost, hop.pcm);
    const end = (hop.index + 1) * HOP_SAMPLES;
    if (heard !== undefined) {
      this.#fusion.toneStarted(heard.eventCode, end - heard.onsetHopsAgo * HOP_SAMPLES, end);
    } else if (this.running) {
      this.#fusion.toneReaches(end);
    }
    this.#fusion.awaitEvents(end);
  }

  wipe(): void {
    this.#detector.wipe();
  }
}
