import { SAMPLES_PER_MS } from '@sordino/testkit';
import type { Tape } from './corpus.ts';
import type { HeardKey } from './listeners.ts';

/** A report belongs to the key that began last before it; an onset may be told this much too early. */
const EARLY_SAMPLES = 10 * SAMPLES_PER_MS;

export interface Score {
  readonly keys: number;
  /** Reported once, and as what they are. */
  readonly right: number;
  /** Reported at all, as whatever. */
  readonly reported: number;
}

export function scoreOf(tape: Tape, heard: readonly HeardKey[]): Score {
  const reports: string[][] = tape.pressed.map(() => []);
  for (const { key, sample } of heard) {
    const index = tape.pressed.findLastIndex(({ from }) => from <= sample + EARLY_SAMPLES);
    reports[Math.max(0, index)]?.push(key);
  }
  return {
    keys: tape.pressed.length,
    right: tape.pressed.filter(({ key }, n) => reports[n]?.length === 1 && reports[n]?.[0] === key).length,
    reported: reports.filter(({ length }) => length > 0).length,
  };
}
