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
    for (let at = from; at < to; at += 1) {
      const code = payload[at] ?? 0;
      this.#put(this.#linear[code] ?? 0, this.#clean[code] ?? 0);
    }
  }

  /** `count` samples that never came. */
  missing(count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.#hop.lost = true;
      this.#put(0, 0);
    }
  }

  wipe(): void {
    this.#hop.pcm.fill(0);
    this.#hop.codes.fill(0);
    this.#hop.index = this.#firstHop;
    this.#hop.lost = false;
    this.#filled = 0;
  }

  #put(sample: number, code: number): void {
    this.#hop.pcm[this.#filled] = sample;
    this.#hop.codes[this.#filled] = code;
    this.#filled += 1;
    if (this.#filled < HOP_SAMPLES) return;
    this.#filled = 0;
    this.#pass(this.#hop);
    this.#hop.index += 1;
    this.#hop.lost = false;
  }
}
