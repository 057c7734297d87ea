const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Pauses between the tries of one event, as Standard Webhooks proposes: quick while it is a hiccup, then patient. */
const PAUSES_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
] as const;
const LAST_PAUSE_MS = 20 * HOUR_MS;

/** An endpoint that takes nothing for so long is not coming back by itself. */
export const GIVE_UP_AFTER_MS = 72 * HOUR_MS;

/** Share by which a pause is stretched at random: an endpoint that comes back is not hit by everything at once. */
const JITTER = 0.1;

/**
 * Until the next try, ms; undefined: the end of trying. `failures` counts from 1; `chance` is 0 to 1.
 */
export function pauseBefore(failures: number, failingForMs: number, chance: number): number | undefined {
  if (failingForMs >= GIVE_UP_AFTER_MS) return undefined;
  const pauseMs = (PAUSES_MS[failures - 1] ?? LAST_PAUSE_MS) * (1 + JITTER * chance);
  // The last try falls on the limit, not behind it.
  return Math.min(pauseMs, GIVE_UP_AFTER_MS - failingForMs);
}
