import { levelDbm0, SAMPLES_PER_MS } from '@sordino/testkit';
import type { Heard } from './listeners.ts';

/** Quieter than this nobody is speaking. */
const ACTIVE_DBM0 = -45;
const BLOCK_SAMPLES = 20 * SAMPLES_PER_MS;
const HOUR_MS = 3_600_000;

/** Sound without a key in it, and what somebody took for one all the same. */
export interface TalkOff {
  readonly hours: number;
  readonly activeMs: number;
  readonly falseDigits: number;
  readonly maskedMs: number;
}

export const NOTHING_HEARD: TalkOff = { hours: 0, activeMs: 0, falseDigits: 0, maskedMs: 0 };

export function talkOffOf(samples: Int16Array, { keys, maskedMs }: Heard): TalkOff {
  return {
    hours: samples.length / SAMPLES_PER_MS / HOUR_MS,
    activeMs: activeMsOf(samples),
    falseDigits: keys.length,
    maskedMs,
  };
}

export const plus = (one: TalkOff, other: TalkOff): TalkOff => ({
  hours: one.hours + other.hours,
  activeMs: one.activeMs + other.activeMs,
  falseDigits: one.falseDigits + other.falseDigits,
  maskedMs: one.maskedMs + other.maskedMs,
});

/** Of what was really said, not of the pauses. */
export const maskedPercent = ({ maskedMs, activeMs }: TalkOff): number =>
  activeMs === 0 ? 0 : (100 * maskedMs) / activeMs;

function activeMsOf(samples: Int16Array): number {
  let blocks = 0;
  for (let from = 0; from + BLOCK_SAMPLES <= samples.length; from += BLOCK_SAMPLES) {
    if (levelDbm0(samples, from, from + BLOCK_SAMPLES) > ACTIVE_DBM0) blocks += 1;
  }
  return (blocks * BLOCK_SAMPLES) / SAMPLES_PER_MS;
}
