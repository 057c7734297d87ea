import { SAMPLES_PER_MS } from '../audio/samples.ts';
import { sliceTimed, type TimedAudio } from '../audio/timed-audio.ts';

export interface DelaySearch {
  /** Span of what was sent that is looked for, on the host's clock; two seconds of speech are enough. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Default 250. */
  readonly delayMaxMs?: number;
}

export interface Delay {
  readonly delayMs: number;
  /** 1: what was heard is what was sent; 0: nothing alike. */
  readonly correlation: number;
}

const DELAY_MAX_MS = 250;
/** A timer may fire a millisecond early and the playout goes by the fastest packet: on loopback the delay can read below zero. */
const EARLY_MAX_MS = 10;
/** Below this the two have too little in common for the delay to mean anything. */
const CORRELATION_MIN = 0.5;

/**
 * How much later than sent the audio was heard: the lag of the highest normalised cross-correlation, to 1/8 ms.
 * `undefined` when the heard audio does not contain the sent one.
 */
export function audioDelay(sent: TimedAudio, heard: TimedAudio, search: DelaySearch): Delay | undefined {
  const delayMax = Math.round((search.delayMaxMs ?? DELAY_MAX_MS) * SAMPLES_PER_MS);
  const ours = sliceTimed(sent, search.fromMs, search.toMs).samples;
  const span = { fromMs: search.fromMs - EARLY_MAX_MS, toMs: search.toMs + delayMax / SAMPLES_PER_MS };
  const theirs = sliceTimed(heard, span.fromMs, span.toMs).samples;
  const ourPower = power(ours, 0, ours.length);
  let best: Delay = { delayMs: 0, correlation: 0 };
  let theirPower = power(theirs, 0, ours.length);
  for (let lag = 0; lag <= delayMax + EARLY_MAX_MS * SAMPLES_PER_MS; lag++) {
    let product = 0;
    for (let at = 0; at < ours.length; at++) product += (ours[at] ?? 0) * (theirs[at + lag] ?? 0);
    const correlation = product / Math.sqrt(ourPower * theirPower || 1);
    if (correlation > best.correlation) best = { delayMs: lag / SAMPLES_PER_MS - EARLY_MAX_MS, correlation };
    theirPower += (theirs[lag + ours.length] ?? 0) ** 2 - (theirs[lag] ?? 0) ** 2;
  }
  return best.correlation >= CORRELATION_MIN ? best : undefined;
}

function power(samples: Int16Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += (samples[at] ?? 0) ** 2;
  return sum;
}
