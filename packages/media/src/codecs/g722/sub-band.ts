import { ILB, WH, WL } from './tables.ts';

const MOST = 32_767;
const LEAST = -32_768;
/** Largest logarithmic step of each band. */
const NB_LOW_MAX = 18_432;
const NB_HIGH_MAX = 22_528;
/** Step at rest, which is also that of `nb` 0. */
const DET_LOW = 32;
const DET_HIGH = 8;

/** By a name of this module: where globals are looked up through a sandbox, as Jest has one, each look-up of `Math` costs 1,000 times as much. */
export const { imul } = Math;

/** Addition as the Recommendation has it: 16 bits, and the end of the range where it does not fit. */
export const saturate = (value: number): number => (value > MOST ? MOST : value < LEAST ? LEAST : value);

/**
 * A product of two Q15 numbers. `Math.imul`, and `0 - x` for `-x`: a minus zero would turn this arithmetic into that of floating
 * point, which takes six times as long.
 */
export const scaled = (value: number, factor: number): number => imul(value, factor) >> 15;

/**
 * One sub-band of ITU-T G.722 §3: the step size and the predictor (two poles, six zeros), which encoder and decoder
 * adapt alike by nothing but the codewords. The names are the Recommendation's.
 */
export class SubBand {
  /** The step that scales the next codeword. */
  det: number;
  /** The prediction of the next sample. */
  s = 0;
  readonly #detAtRest: number;
  readonly #factors: Int16Array;
  readonly #nbMax: number;
  readonly #shift: number;
  #nb = 0;
  #sz = 0;
  /** Reconstructed signals (doubled) and partially reconstructed signals, newest first. */
  #r1 = 0;
  #r2 = 0;
  #p1 = 0;
  #p2 = 0;
  #a1 = 0;
  #a2 = 0;
  /** The six zeros, and the quantized differences they belong to, newest first: fields, because this is all the work there is. */
  #b1 = 0;
  #b2 = 0;
  #b3 = 0;
  #b4 = 0;
  #b5 = 0;
  #b6 = 0;
  #d1 = 0;
  #d2 = 0;
  #d3 = 0;
  #d4 = 0;
  #d5 = 0;
  #d6 = 0;

  constructor(band: 'low' | 'high') {
    const isLow = band === 'low';
    this.#detAtRest = isLow ? DET_LOW : DET_HIGH;
    this.#factors = isLow ? WL : WH;
    this.#nbMax = isLow ? NB_LOW_MAX : NB_HIGH_MAX;
    this.#shift = isLow ? 8 : 10;
    this.det = this.#detAtRest;
  }

  /** Takes the quantized difference `d` and the codeword it came from: adapts the step and predicts the next sample. */
  adapt(d: number, codeword: number): void {
    this.#scale(codeword);
    const p0 = saturate(this.#sz + d);
    const r0 = saturate(this.s + d);
    this.#adaptPoles(p0);
    const sz = this.#adaptZeros(d);
    // Blocks FILTEP and PREDIC.
    this.#r2 = this.#r1;
    this.#r1 = saturate(r0 << 1);
    this.#sz = sz;
    this.s = saturate(saturate(scaled(this.#a1, this.#r1) + scaled(this.#a2, this.#r2)) + sz);
  }

  /** Also clears what could be heard of the past. */
  reset(): void {
    this.det = this.#detAtRest;
    this.s = this.#nb = this.#sz = this.#r1 = this.#r2 = this.#p1 = this.#p2 = this.#a1 = this.#a2 = 0;
    this.#b1 = this.#b2 = this.#b3 = this.#b4 = this.#b5 = this.#b6 = 0;
    this.#d1 = this.#d2 = this.#d3 = this.#d4 = this.#d5 = this.#d6 = 0;
  }

  /** Blocks LOGSCL and SCALEL, LOGSCH and SCALEH. */
  #scale(codeword: number): void {
    const nb = (imul(this.#nb, 127) >> 7) + (this.#factors[codeword] ?? 0);
    const bounded = nb < 0 ? 0 : nb > this.#nbMax ? this.#nbMax : nb;
    const mantissa = ILB[(bounded >> 6) & 31] ?? 0;
    const shift = this.#shift - (bounded >> 11);
    this.#nb = bounded;
    this.det = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
  }

  /** Blocks UPPOL2 and UPPOL1. */
  #adaptPoles(p0: number): void {
    const sameAs1 = (p0 ^ this.#p1) >= 0;
    const sameAs2 = (p0 ^ this.#p2) >= 0;
    this.#p2 = this.#p1;
    this.#p1 = p0;

    const a1Times4 = saturate(this.#a1 << 2);
    const turn = sameAs1 ? saturate(0 - a1Times4) : a1Times4;
    const a2 = (turn >> 7) + (sameAs2 ? 128 : -128) + scaled(this.#a2, 32_512);
    this.#a2 = a2 > 12_288 ? 12_288 : a2 < -12_288 ? -12_288 : a2;

    const a1 = saturate((sameAs1 ? 192 : -192) + scaled(this.#a1, 32_640));
    const most = 15_360 - this.#a2;
    this.#a1 = a1 > most ? most : a1 < 0 - most ? 0 - most : a1;
  }

  /** Blocks UPZERO, DELAYA and FILTEZ: returns the zeros' part of the next prediction. */
  #adaptZeros(d: number): number {
    const step = d === 0 ? 0 : 128;
    this.#b1 = leaked(this.#b1, step, d ^ this.#d1);
    this.#b2 = leaked(this.#b2, step, d ^ this.#d2);
    this.#b3 = leaked(this.#b3, step, d ^ this.#d3);
    this.#b4 = leaked(this.#b4, step, d ^ this.#d4);
    this.#b5 = leaked(this.#b5, step, d ^ this.#d5);
    this.#b6 = leaked(this.#b6, step, d ^ this.#d6);
    this.#d6 = this.#d5;
    this.#d5 = this.#d4;
    this.#d4 = this.#d3;
    this.#d3 = this.#d2;
    this.#d2 = this.#d1;
    this.#d1 = d;
    return saturate(
      doubled(this.#b1, d) +
        doubled(this.#b2, this.#d2) +
        doubled(this.#b3, this.#d3) +
        doubled(this.#b4, this.#d4) +
        doubled(this.#b5, this.#d5) +
        doubled(this.#b6, this.#d6),
    );
  }
}

/** A zero's next value: it leaks, and takes a step up where the two differences have one sign. */
const leaked = (b: number, step: number, signs: number): number =>
  saturate((signs >= 0 ? step : 0 - step) + scaled(b, 32_640));

const doubled = (b: number, d: number): number => scaled(b, saturate(d << 1));
