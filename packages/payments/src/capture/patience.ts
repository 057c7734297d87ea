import {
  FIELD_TIMEOUT_MAX_MS,
  FIELD_TIMEOUT_MS,
  FIRST_KEY_TIMEOUT_MS,
  NEXT_KEY_TIMEOUT_MAX_MS,
  NEXT_KEY_TIMEOUT_MIN_MS,
  NEXT_KEY_TIMEOUT_MS,
  PAUSE_ENDS_FACTOR_MAX,
} from './limits.ts';
import type { Pace } from './pace.ts';

/** A customer who stops for so many of his own long gaps has stopped. */
const NEXT_KEY_GAPS = 5;
/** One who pauses a little longer than ever before, where the field may be over, is done. */
const PAUSE_GAPS = 1.5;
/** The longest field: a card number of 19. */
const FIELD_GAPS = 19;

/** How long is waited for a caller of this pace. Every one of them lies between two named limits. */
export const nextKeyTimeoutMs = ({ longGapMs }: Pace): number =>
  longGapMs === undefined
    ? NEXT_KEY_TIMEOUT_MS
    : within(NEXT_KEY_TIMEOUT_MIN_MS, NEXT_KEY_GAPS * longGapMs, NEXT_KEY_TIMEOUT_MAX_MS);

/** `leastMs`: for the field, of a caller who keys briskly. A shorter one would cut off whoever reads a card in groups of four. */
export const pauseEndsMs = ({ longGapMs = 0 }: Pace, leastMs: number): number =>
  within(leastMs, PAUSE_GAPS * longGapMs, PAUSE_ENDS_FACTOR_MAX * leastMs);

export const fieldTimeoutMs = ({ longGapMs = 0 }: Pace): number =>
  within(FIELD_TIMEOUT_MS, FIRST_KEY_TIMEOUT_MS + FIELD_GAPS * longGapMs, FIELD_TIMEOUT_MAX_MS);

const within = (least: number, value: number, most: number): number =>
  Math.min(most, Math.max(least, Math.round(value)));
