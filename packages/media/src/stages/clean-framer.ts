import { type AudioCodec, PAYLOAD_TICKS_MAX } from '../codecs/audio-codec.ts';
import { createEncoder, type OpusLibrary } from '../codecs/create-codec.ts';
import type { AudioEncoder } from '../codecs/linear.ts';
import { SAMPLES_PER_MS } from '../tones/level.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import type { DelayLine } from './delay-line.ts';
import { WIPEABLE_BYTES_MIN } from './hop.ts';
import { isG711, type LineUnits, makeUnits, type SampledFormat, unitsPerTick } from './line-format.ts';
import type { MaskApply } from './mask-apply.ts';
import type { Framer, OutputState } from './output-state.ts';
import type { StripperSink } from './stripper.ts';
import { GRACE_MS } from './timeline.ts';

/** The longest payload: L16 at 16 kHz. */
const PAYLOAD_BYTES_MAX = 4 * PAYLOAD_TICKS_MAX;

/** Of samples or codes: packets all of one size, one per packet time. */
export class CleanFramer implements Framer {
  readonly name = 'clean framer';
  readonly #frameTicks: number;
  readonly #line: DelayLine;
  readonly #mask: MaskApply;
  readonly #clock: ArrivalClock;
  readonly #sink: StripperSink;
  readonly #output: OutputState;
  readonly #frame: LineUnits;
  /** Undefined: codes are the payload. */
  readonly #encoder: AudioEncoder | undefined;
  readonly #payload: Uint8Array;

  constructor(
    packetTimeMs: number,
    format: SampledFormat,
    codec: AudioCodec,
    opus: OpusLibrary | undefined,
    parts: { readonly line: DelayLine; readonly mask: MaskApply; readonly clock: ArrivalClock },
    sink: StripperSink,
    output: OutputState,
  ) {
    this.#frameTicks = packetTimeMs * SAMPLES_PER_MS;
    this.#line = parts.line;
    this.#mask = parts.mask;
    this.#clock = parts.clock;
    this.#sink = sink;
    this.#output = output;
    const units = this.#frameTicks * unitsPerTick(format);
    this.#frame = makeUnits(format, Math.max(WIPEABLE_BYTES_MIN, units)).subarray(0, units);
    this.#encoder = isG711(format)
      ? undefined
      : createEncoder(codec, format === 'linear16' ? 16_000 : 8000, opus);
    this.#payload = this.#frame instanceof Uint8Array ? this.#frame : new Uint8Array(PAYLOAD_BYTES_MAX);
  }

  mustPace(packetTicks: number): boolean {
    return packetTicks > this.#frameTicks;
  }

  sendReady(): void {
    while (this.#line.readable >= this.#frameTicks) this.#send();
  }

  sendDue(packetTicks: number, nowMs: number): void {
    while (this.#line.readable >= this.#frameTicks && this.#dueMs(packetTicks) <= nowMs) this.#send();
  }

  wipe(): void {
    this.#mask.wipe();
    this.#frame.fill(0);
    this.#payload.fill(0);
    this.#encoder?.reset();
  }

  /** Every sample of the next frame has come by then, or replacement has: the grace is the latest. */
  #dueMs(packetTicks: number): number {
    const lookback = this.#line.lookbackSamples;
    const last = this.#line.readPosition + lookback + Math.max(this.#frameTicks, packetTicks);
    return this.#clock.dueMs(last) + GRACE_MS;
  }

  #send(): void {
    if (this.#mask.fill(this.#frame)) this.#output.framesReplaced += 1;
    this.#output.frames += 1;
    const marker = this.#output.afterPause;
    this.#output.afterPause = false;
    const endsMs = this.#clock.dueMs(this.#line.readPosition);
    this.#sink.cleanFrame(this.#encoded(), marker, this.#frameTicks, endsMs);
  }

  #encoded(): Uint8Array {
    const frame = this.#frame;
    if (frame instanceof Uint8Array || this.#encoder === undefined) return this.#payload;
    return this.#payload.subarray(0, this.#encoder.encode(frame, frame.length, this.#payload));
  }
}
