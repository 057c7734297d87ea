import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import { type Hop, makeHop } from './hop.ts';
import type { PayloadReader } from './payload-reader.ts';

/** Cuts payloads of any length into hops, each as linear samples to listen to and in the form of the line to send. */
export class HopDecoder {
  readonly name = 'decode';
  readonly #pass: (hop: Hop) => void;
  readonly #hop: Hop;
  readonly #firstHop: number;
  #reader: PayloadReader;
  #filled = 0;

  constructor(reader: PayloadReader, firstHop: number, pass: (hop: Hop) => void) {
    this.#reader = reader;
    this.#hop = makeHop(reader.units);
    this.#firstHop = firstHop;
    this.#hop.index = firstHop;
    this.#pass = pass;
  }

  /** Stream position of the tick that comes next. */
  get position(): number {
    return this.#hop.index * HOP_SAMPLES + this.#filled;
  }

  get timestampsPerTick(): number {
    return this.#reader.timestampsPerTick;
  }

  /** Another codec, here or there. */
  use(reader: PayloadReader): void {
    // The hop under way would be half one codec, half another: what is in it is given up.
    if (this.#filled > 0) this.#hop.lost = true;
    this.#reader.reset();
    this.#reader = reader;
    this.#hop.units = reader.units;
  }

  /** See `PayloadReader.ticksOf`. */
  ticksOf(payload: Uint8Array, length: number): number {
    return this.#reader.ticksOf(payload, length);
  }

  /** The whole of a payload but its first `skip` ticks. False: it could not be decoded, and its time is a loss. */
  samples(payload: Uint8Array, length: number, skip: number): boolean {
    const ticks = this.#reader.ticksOf(payload, length);
    if (!this.#reader.begin(payload, length, this.position, skip)) {
      this.missing(ticks - skip);
      return false;
    }
    for (let from = skip; from < ticks; ) {
      const fits = Math.min(ticks - from, HOP_SAMPLES - this.#filled);
      this.#reader.read(this.#hop.pcm, this.#filled, from, fits);
      from += fits;
      this.#advance(fits);
    }
    return true;
  }

  /** `count` ticks that never came. */
  missing(count: number): void {
    const { pcm, units } = this.#hop;
    const perTick = units.length / HOP_SAMPLES;
    for (let left = count; left > 0; ) {
      const fits = Math.min(left, HOP_SAMPLES - this.#filled);
      this.#hop.lost = true;
      pcm.fill(0, this.#filled, this.#filled + fits);
      units.fill(0, this.#filled * perTick, (this.#filled + fits) * perTick);
      left -= fits;
      this.#advance(fits);
    }
  }

  wipe(): void {
    this.#reader.reset();
    this.#hop.pcm.fill(0);
    this.#hop.units.fill(0);
    this.#hop.index = this.#firstHop;
    this.#hop.lost = false;
    this.#filled = 0;
  }

  #advance(samples: number): void {
    this.#filled += samples;
    if (this.#filled < HOP_SAMPLES) return;
    this.#filled = 0;
    this.#pass(this.#hop);
    this.#hop.index += 1;
    this.#hop.lost = false;
  }
}
