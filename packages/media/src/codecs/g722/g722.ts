import type { AudioDecoder, AudioEncoder } from '../linear.ts';
import { imul, SubBand, saturate, scaled } from './sub-band.ts';
import { ILN, ILP, Q6, QM2, QM4, QM6, QMF } from './tables.ts';

/** A filter looks at 24 samples: two new ones and this many before them. */
const QMF_TAPS = 24;
const QMF_PAST = QMF_TAPS - 2;
/** Samples filtered in one go: 20 ms, so that the past is carried over once a frame and not once a sample. */
const BLOCK_SAMPLES = 320;
/** Limits of what a sub-band can be, 15 bits. */
const LIMIT = 16_384;
/** Decision level of the higher sub-band, in the units of `Q6`. */
const Q2 = 564;

/**
 * ITU-T G.722 at 64 kbit/s, encoder: 16-bit samples at 16 kHz, one octet for each two of them (RFC 3551 §4.5.2: its RTP
 * clock counts 8000 a second all the same). Written from the Recommendation.
 */
export class G722Encoder implements AudioEncoder {
  readonly #low = new SubBand('low');
  readonly #high = new SubBand('high');
  readonly #x = new Int32Array(QMF_PAST + BLOCK_SAMPLES);

  /** `samples` is even. Returns the octets written. */
  encode(pcm: Int16Array, samples: number, into: Uint8Array): number {
    const x = this.#x;
    for (let from = 0; from < samples; from += BLOCK_SAMPLES) {
      const block = Math.min(BLOCK_SAMPLES, samples - from);
      for (let n = 0; n < block; n += 1) x[QMF_PAST + n] = pcm[from + n] ?? 0;
      for (let n = 0; n < block; n += 2) {
        const odd = evenTaps(x, n);
        const even = oddTaps(x, n);
        // The Recommendation's input has 14 bits.
        const high = this.#encodeHigh((even - odd) >> 14);
        into[(from + n) >> 1] = (high << 6) | this.#encodeLow((even + odd) >> 14);
      }
      x.copyWithin(0, block, block + QMF_PAST);
    }
    return samples >> 1;
  }

  reset(): void {
    this.#low.reset();
    this.#high.reset();
    this.#x.fill(0);
  }

  /** Blocks SUBTRA, QUANTL and INVQAL. */
  #encodeLow(xl: number): number {
    const band = this.#low;
    const el = saturate(xl - band.s);
    const magnitude = el >= 0 ? el : ~el;
    const interval = intervalOf(magnitude, band.det);
    const codeword = (el < 0 ? ILN[interval] : ILP[interval]) ?? 0;
    const four = codeword >> 2;
    band.adapt(scaled(band.det, QM4[four] ?? 0), four);
    return codeword;
  }

  #encodeHigh(xh: number): number {
    const band = this.#high;
    const eh = saturate(xh - band.s);
    const magnitude = eh >= 0 ? eh : ~eh;
    const isOuter = magnitude >= imul(Q2, band.det) >> 12;
    const codeword = (eh < 0 ? 0 : 2) + (isOuter ? 0 : 1);
    band.adapt(scaled(band.det, QM2[codeword] ?? 0), codeword);
    return codeword;
  }
}

/** The decoder: one octet, two samples at 16 kHz. Any octets are a G.722 signal; there is nothing that it cannot decode. */
export class G722Decoder implements AudioDecoder {
  readonly #low = new SubBand('low');
  readonly #high = new SubBand('high');
  readonly #x = new Int32Array(QMF_PAST + BLOCK_SAMPLES);

  /** Returns the samples written. */
  decode(payload: Uint8Array, octets: number, into: Int16Array): number {
    const x = this.#x;
    const samples = 2 * octets;
    for (let from = 0; from < samples; from += BLOCK_SAMPLES) {
      const block = Math.min(BLOCK_SAMPLES, samples - from);
      for (let n = 0; n < block; n += 2) {
        const octet = payload[(from + n) >> 1] ?? 0;
        const low = this.#decodeLow(octet & 0x3f);
        const high = this.#decodeHigh(octet >> 6);
        x[QMF_PAST + n] = low + high;
        x[QMF_PAST + n + 1] = low - high;
        into[from + n] = saturate(oddTaps(x, n) >> 11);
        into[from + n + 1] = saturate(evenTaps(x, n) >> 11);
      }
      x.copyWithin(0, block, block + QMF_PAST);
    }
    return samples;
  }

  reset(): void {
    this.#low.reset();
    this.#high.reset();
    this.#x.fill(0);
  }

  #decodeLow(codeword: number): number {
    const band = this.#low;
    const heard = limit(band.s + scaled(band.det, QM6[codeword] ?? 0));
    const four = codeword >> 2;
    band.adapt(scaled(band.det, QM4[four] ?? 0), four);
    return heard;
  }

  #decodeHigh(codeword: number): number {
    const band = this.#high;
    const d = scaled(band.det, QM2[codeword] ?? 0);
    const heard = limit(band.s + d);
    band.adapt(d, codeword);
    return heard;
  }
}

const limit = (value: number): number => (value > LIMIT - 1 ? LIMIT - 1 : value < -LIMIT ? -LIMIT : value);

/** Every second sample of 24, beginning with the first, through one half of the mirror filter. */
function evenTaps(x: Int32Array, from: number): number {
  let sum = 0;
  for (let n = 0; n < QMF_TAPS / 2; n += 1) sum += imul(x[from + 2 * n] ?? 0, QMF[n] ?? 0);
  return sum;
}

/** The others, through the other half: the same coefficients backwards. */
function oddTaps(x: Int32Array, from: number): number {
  let sum = 0;
  for (let n = 0; n < QMF_TAPS / 2; n += 1) {
    sum += imul(x[from + 2 * n + 1] ?? 0, QMF[QMF_TAPS / 2 - 1 - n] ?? 0);
  }
  return sum;
}

/** Decision levels rise: halving finds in five looks what counting up finds in thirty. */
function intervalOf(magnitude: number, det: number): number {
  let first = 1;
  let last = Q6.length;
  while (first < last) {
    const middle = (first + last) >> 1;
    if (magnitude < imul(Q6[middle] ?? 0, det) >> 12) last = middle;
    else first = middle + 1;
  }
  return first;
}
