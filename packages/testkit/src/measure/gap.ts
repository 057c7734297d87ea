import { levelDbm0 } from '../audio/level.ts';
import { SAMPLES_PER_MS } from '../audio/samples.ts';
import { sliceTimed, type TimedAudio } from '../audio/timed-audio.ts';

/** The talkers of this package are never below -41 dBm0 (over 5 ms); what is quieter than this is no audio from them. */
export const GAP_BELOW_DBM0 = -55;

export interface Gap {
  readonly startMs: number;
  readonly durationMs: number;
}

/**
 * The longest run, in whole milliseconds, of missing audio or silence from `fromMs` to `toMs`. Audio put in place of
 * a key (a flat tone, comfort noise) is audio. What lies outside the recording is missing.
 */
export function longestGap(heard: TimedAudio, fromMs: number, toMs: number): Gap {
  const part = sliceTimed(heard, fromMs, toMs);
  let longest = { startMs: fromMs, durationMs: 0 };
  let durationMs = 0;
  for (let at = 0; at + SAMPLES_PER_MS <= part.samples.length; at += SAMPLES_PER_MS) {
    durationMs = silent(part, at) ? durationMs + 1 : 0;
    const startMs = fromMs + at / SAMPLES_PER_MS + 1 - durationMs;
    if (durationMs > longest.durationMs) longest = { startMs, durationMs };
  }
  return longest;
}

/** `longestGap` as one figure. */
export function gapMs(heard: TimedAudio, fromMs: number, toMs: number): number {
  return longestGap(heard, fromMs, toMs).durationMs;
}

function silent(audio: TimedAudio, at: number): boolean {
  let present = 0;
  for (let offset = 0; offset < SAMPLES_PER_MS; offset++) present += audio.present[at + offset] ?? 0;
  return present * 2 < SAMPLES_PER_MS || levelDbm0(audio.samples, at, at + SAMPLES_PER_MS) < GAP_BELOW_DBM0;
}
