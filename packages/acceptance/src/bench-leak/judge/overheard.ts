import { estimateKey, SAMPLES_PER_MS } from '@sordino/testkit';
import type { PlannedKey } from '../plan/call-plan.ts';
import type { CallOutcome } from '../run/outcome.ts';
import { StretchIndex } from './matching.ts';
import { audibleIn, residualMs, type ToneSpan } from './residual.ts';

/** What an eavesdropper on one leg makes of one key. */
export interface Overheard {
  /** The matched estimator's guess. */
  readonly estimated: string;
  readonly residualMs: number;
}

/** What listeners to leg 7 make of a call. */
export interface OverheardCall {
  /** In the order of the keys. */
  readonly overheard: readonly Overheard[];
  /** How much of the voice before the keys is found, 0 to 1. */
  readonly voiceFound: number;
}

/** What follows a tone is still listened to: codecs smear it, and masks end. */
export const AFTERGLOW_MS = 30;

/** Where a key's tone can be heard on the line. */
export function toneOf({ plan }: CallOutcome, { startMs, endMs }: PlannedKey): ToneSpan {
  const from = startMs * SAMPLES_PER_MS;
  return { from, audible: audibleIn(plan.tones, from, (endMs + AFTERGLOW_MS) * SAMPLES_PER_MS) };
}

/** The same judges, where nobody masks. */
export function overhearUnmasked(outcome: CallOutcome, key: PlannedKey): Overheard {
  const { plan, unmasked } = outcome;
  const [start, end] = [key.startMs * SAMPLES_PER_MS, key.endMs * SAMPLES_PER_MS];
  const span = toneOf(outcome, key);
  const tone = new StretchIndex(plan.line, span.from, span.from + span.audible.length);
  return {
    estimated: estimateKey(unmasked, start, end + AFTERGLOW_MS * SAMPLES_PER_MS).key,
    residualMs: residualMs(plan.line, unmasked, span, [0], tone, [start, end]),
  };
}
