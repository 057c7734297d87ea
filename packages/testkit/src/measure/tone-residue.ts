import { dtmfPair } from '../audio/dtmf.ts';
import { SILENCE_DBM0 } from '../audio/level.ts';
import { SAMPLES_PER_MS } from '../audio/samples.ts';
import { sliceTimed, type TimedAudio } from '../audio/timed-audio.ts';
import type { PressedKey } from '../rtp/keypad.ts';
import { componentDbm0, hannWindow } from './goertzel.ts';

const WINDOW = hannWindow(10 * SAMPLES_PER_MS);
const HOP = 5 * SAMPLES_PER_MS;

/** How much later than it was sent the audio may have been heard, in ms. */
export interface LatencySearch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From nothing to a look-back of 40 ms behind three jittery hops. */
export const LATENCY_SEARCH: LatencySearch = { fromMs: 0, toMs: 150 };

/** For each pressed key: the strongest trace of its tone pair in what was heard. See `toneResidueDbm0`. */
export function toneResidues(
  heard: TimedAudio,
  keys: readonly PressedKey[],
  latency: LatencySearch = LATENCY_SEARCH,
): number[] {
  return keys.map(({ key, startMs, endMs }) => {
    const { lowHz, highHz } = dtmfPair(key);
    const { samples } = sliceTimed(heard, startMs + latency.fromMs, endMs + latency.toMs);
    let residue = SILENCE_DBM0;
    for (let at = 0; at + WINDOW.length <= samples.length; at += HOP) {
      const low = componentDbm0(samples, at, WINDOW, lowHz);
      const high = componentDbm0(samples, at, WINDOW, highHz);
      residue = Math.max(residue, Math.min(low, high));
    }
    return residue;
  });
}

/**
 * The strongest trace of any pressed key in what was heard, in dBm0: over windows of 10 ms at hops of 5 ms, the
 * weaker of the key's two frequencies. A tone has both at once; speech seldom has, so that it reads low.
 * Without keys: `SILENCE_DBM0`.
 */
export function toneResidueDbm0(
  heard: TimedAudio,
  keys: readonly PressedKey[],
  latency: LatencySearch = LATENCY_SEARCH,
): number {
  return toneResidues(heard, keys, latency).reduce((most, residue) => Math.max(most, residue), SILENCE_DBM0);
}
