import { audioDelay, estimateKey, rmsOfDbm0, SAMPLES_PER_MS, type TimedAudio } from '@sordino/testkit';
import type { PlannedKey } from '../plan/call-plan.ts';
import type { CallOutcome } from '../run/outcome.ts';
import { AFTERGLOW_MS, type Overheard, type OverheardCall, toneOf } from './overheard.ts';

/** The part of the voice that is looked for on leg 7; it may come much later, as the relay is up before the customer speaks. */
const VOICE = { fromMs: 200, toMs: 1_200, delayMaxMs: 1_500 };
/** Above the line's own noise, and what a codec makes of silence. */
const AUDIBLE_MEAN_SQUARE = rmsOfDbm0(-45) ** 2;
/** A millisecond around each sample. */
const HALF_SAMPLES = SAMPLES_PER_MS / 2;

/**
 * A codec with a memory changes every sample: then whatever is audible where the mask should be silent is left of the tone. Only for
 * calls with a silent mask, nobody talking over the keys, and a network without jitter.
 */
export function listenByLoudness(outcome: CallOutcome): OverheardCall {
  const { plan, masked } = outcome;
  const delay = audioDelay(timed(plan.line), timed(masked), VOICE);
  const lag = Math.round((delay?.delayMs ?? 0) * SAMPLES_PER_MS);
  return {
    overheard: plan.keys.map((key) => overhear(outcome, key, lag)),
    voiceFound: delay?.correlation ?? 0,
  };
}

function overhear(outcome: CallOutcome, key: PlannedKey, lag: number): Overheard {
  const { masked } = outcome;
  const { from, audible } = toneOf(outcome, key);
  let left = 0;
  audible.forEach((isTone, n) => {
    if (isTone === 1 && meanSquareAround(masked, from + n + lag) > AUDIBLE_MEAN_SQUARE) left += 1;
  });
  const to = (key.endMs + AFTERGLOW_MS) * SAMPLES_PER_MS + lag;
  return { estimated: estimateKey(masked, from + lag, to).key, residualMs: left / SAMPLES_PER_MS };
}

function meanSquareAround(samples: Int16Array, at: number): number {
  let sum = 0;
  for (let n = at - HALF_SAMPLES; n < at + HALF_SAMPLES; n += 1) sum += (samples[n] ?? 0) ** 2;
  return sum / (2 * HALF_SAMPLES);
}

const timed = (samples: Int16Array): TimedAudio => ({
  startMs: 0,
  samples,
  present: new Uint8Array(samples.length).fill(1),
});
