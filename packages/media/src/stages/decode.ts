import { type G711Codec, g711DecodeTable, g711TranscodeTable } from '../codecs/g711.ts';
import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import { type Hop, makeHop } from './hop.ts';

/** Cuts payloads of any length into hops, each as linear samples to listen to and as codes of leg 7 to send. */
export class HopDecoder {
  readonly name = 'decode';
  readonly #pass: (hop: Hop) => void;
  readonly #hop = makeHop();
  readonly #firstHop: number;
  #linear: Int16Array;
  #clean: Uint8Array;
  #filled = 0;

  constructor(customer: G711Codec, clean: G711Codec, firstHop: number, pass: (hop: Hop) => void) {
    this.#linear = g711DecodeTable(customer);
    this.#clean = g711TranscodeTable(customer, clean);
    this.#firstHop = firstHop;
    this.#hop.index = firstHop;
    this.#pass = pass;
  }

  /** Stream position of the sample that comes next. */
  get position(): number {
    return this.#hop.index * HOP_SAMPLES + this.#filled;
  }

  use(customer: G711Codec, clean: G711Codec): void {
    // The hop under way would be half one law, half another: what is in it is given up.
    if (this.#filled > 0) this.#hop.lost = true;
    this.#linear = g711DecodeTable(customer);
    this.#clean = g711TranscodeTable(customer, clean);
  }

  samples(payload: Uint8Array, from: number, to: number): void {
    const { pcm, codes } = this.#hop;
    const linear = this.#linear;
    const clean = this.#clean;
    for (let at = from; at < to; ) {
      const fits = Math.min(to - at, HOP_SAMPLES - this.#filled);
      for (let n = this.#filled; n < this.#filled + fits; n += 1) {
        const code = payload[at] ?? 0;
        pcm[n] = linear[code] ?? 0;
        codes[n] = clean[code] ?? 0;
        at += 1;
      }
      this.#advance(fits);
    }
  }

  /** `count` samples that never came. */
  missing(count: number): void {
    for (let left = count; left > 0; ) {
      const fits = Math.min(left, HOP_SAMPLES - this.#filled);
      this.#hop.lost = true;
      this.#hop.pcm.fill(0, this.#filled, this.#filled + fits);
      this.#hop.codes.fill(0, this.#filled, this.#filled + fits);
      left -= fits;
      this.#advance(fits);
    }
  }

  wipe(): void {
    this.#hop.pcm.fill(0);
    this.#hop.codes.fill(0);
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
