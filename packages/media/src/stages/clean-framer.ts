import { SAMPLES_PER_MS } from '../tones/level.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import type { DelayLine } from './delay-line.ts';
import { WIPEABLE_BYTES_MIN } from './hop.ts';
import type { MaskApply } from './mask-apply.ts';
import type { StripperSink } from './stripper.ts';
import { GRACE_MS } from './timeline.ts';

/** Makes the packets of leg 7: all of one size, one per packet time. */
export class CleanFramer {
  readonly name = 'clean framer';
  readonly frameSamples: number;
  readonly #line: DelayLine;
  readonly #mask: MaskApply;
  readonly #clock: ArrivalClock;
  readonly #sink: StripperSink;
  readonly #frame: Uint8Array;
  #afterPause = true;
  #frames = 0;
  #replaced = 0;

  constructor(
    packetTimeMs: number,
    line: DelayLine,
    mask: MaskApply,
    clock: ArrivalClock,
    sink: StripperSink,
  ) {
    this.frameSamples = packetTimeMs * SAMPLES_PER_MS;
    this.#line = line;
    this.#mask = mask;
    this.#clock = clock;
    this.#sink = sink;
    this.#frame = new Uint8Array(Math.max(WIPEABLE_BYTES_MIN, this.frameSamples)).subarray(
      0,
      this.frameSamples,
    );
  }

  get frames(): number {
    return this.#frames;
  }

  get framesReplaced(): number {
    return this.#replaced;
  }

  /** Sends what may leave: at once, as packets arrive. */
  sendReady(): void {
    while (this.#line.readable >= this.frameSamples) this.#send();
  }

  /** Sends what is due: by the clock, so that nothing in the arrival of packets shows. */
  sendDue(packetSamples: number, nowMs: number): void {
    while (this.#line.readable >= this.frameSamples && this.#dueMs(packetSamples) <= nowMs) this.#send();
  }

  /** The output has stood still; the next frame says so. */
  paused(): void {
    this.#afterPause = true;
  }

  wipe(): void {
    this.#frame.fill(0);
    this.#afterPause = true;
  }

  /** Every sample of the next frame has come by then, or replacement has: the grace is the latest. */
  #dueMs(packetSamples: number): number {
    const lookback = this.#line.lookbackSamples;
    const last = this.#line.readPosition + lookback + Math.max(this.frameSamples, packetSamples);
    return this.#clock.dueMs(last) + GRACE_MS;
  }

  #send(): void {
    if (this.#mask.fill(this.#frame)) this.#replaced += 1;
    this.#frames += 1;
    this.#sink.cleanFrame(this.#frame, this.#afterPause);
    this.#afterPause = false;
  }
}
