import { HOP_SAMPLES } from '../tones/hop-bank.ts';
import { type LineFormat, type LineUnits, makeUnits, unitsPerTick } from './line-format.ts';

/** Buffers that may hold a key are at least this long: V8 keeps shorter ones on its own heap, copies and never clears them. */
export const WIPEABLE_BYTES_MIN = 256;

/** Five milliseconds of the customer's stream on its way through the chain. One object, reused for every hop. */
export interface Hop {
  /** Counted from the start of the stream, the comfort noise that fills the line at first included. */
  index: number;
  /** 40 linear samples at 8 kHz, to listen to; 0 where nothing arrived. */
  readonly pcm: Int16Array;
  /** The same 5 ms as the line holds them. */
  units: LineUnits;
  /** Some or all of it never arrived. */
  lost: boolean;
}

/** What each part of the chain is to the chain: a name, one job done hop by hop, and a memory that can be wiped. */
export interface HopStage {
  readonly name: string;
  take(hop: Hop): void;
  wipe(): void;
}

export function makeHop(units: LineUnits): Hop {
  const pcm = new Int16Array(WIPEABLE_BYTES_MIN / Int16Array.BYTES_PER_ELEMENT).subarray(0, HOP_SAMPLES);
  return { index: 0, pcm, units, lost: false };
}

export const makeHopUnits = (format: LineFormat): LineUnits =>
  makeUnits(format, WIPEABLE_BYTES_MIN).subarray(0, HOP_SAMPLES * unitsPerTick(format));
