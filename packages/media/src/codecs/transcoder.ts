import { type AudioCodec, type LinearRateHz, linearRateHz, payloadTicks } from './audio-codec.ts';
import { createDecoder, createEncoder, type OpusLibrary } from './create-codec.ts';
import { type G711Codec, g711TranscodeTable } from './g711.ts';
import type { AudioDecoder, AudioEncoder } from './linear.ts';

/** 120 ms at 16 kHz, and as L16 octets. */
const SAMPLES_MAX = 1920;
const OCTETS_MAX = 2 * SAMPLES_MAX;
const NONE = new Uint8Array();

/** Payloads of one codec into payloads of another, one for one. What both sides share passes untouched. */
export interface Transcoder {
  /** Valid until the next call; empty: it cannot be decoded, or there is no payload of this length. */
  convert(payload: Uint8Array): Uint8Array;
  reset(): void;
}

export function createTranscoder(from: AudioCodec, to: AudioCodec, opus?: OpusLibrary): Transcoder {
  if (from === to) return { convert: (payload) => payload, reset() {} };
  if (isLaw(from) && isLaw(to)) return new LawTranscoder(from, to);
  return new LinearTranscoder(from, to, opus);
}

const isLaw = (codec: AudioCodec): codec is G711Codec => codec === 'PCMU' || codec === 'PCMA';

/** Code for code: nothing is delayed, and no sample is rounded twice. */
class LawTranscoder implements Transcoder {
  readonly #table: Uint8Array;
  readonly #into = new Uint8Array(OCTETS_MAX);

  constructor(from: G711Codec, to: G711Codec) {
    this.#table = g711TranscodeTable(from, to);
  }

  convert(payload: Uint8Array): Uint8Array {
    if (payload.length > OCTETS_MAX) return NONE;
    for (let n = 0; n < payload.length; n += 1) this.#into[n] = this.#table[payload[n] ?? 0] ?? 0;
    return this.#into.subarray(0, payload.length);
  }

  reset(): void {
    this.#into.fill(0);
  }
}

/** Through samples, at 16 kHz where both codecs have them. */
class LinearTranscoder implements Transcoder {
  readonly #from: AudioCodec;
  readonly #decoder: AudioDecoder;
  readonly #encoder: AudioEncoder;
  readonly #pcm = new Int16Array(SAMPLES_MAX);
  readonly #into = new Uint8Array(OCTETS_MAX);

  constructor(from: AudioCodec, to: AudioCodec, opus: OpusLibrary | undefined) {
    const rateHz = Math.min(linearRateHz(from), linearRateHz(to)) as LinearRateHz;
    this.#from = from;
    this.#decoder = createDecoder(from, rateHz, opus);
    this.#encoder = createEncoder(to, rateHz, opus);
  }

  convert(payload: Uint8Array): Uint8Array {
    if (payloadTicks(this.#from, payload, payload.length) === 0) return NONE;
    const samples = this.#decoder.decode(payload, payload.length, this.#pcm);
    if (samples === 0) return NONE;
    return this.#into.subarray(0, this.#encoder.encode(this.#pcm, samples, this.#into));
  }

  reset(): void {
    this.#decoder.reset();
    this.#encoder.reset();
    this.#pcm.fill(0);
    this.#into.fill(0);
  }
}
