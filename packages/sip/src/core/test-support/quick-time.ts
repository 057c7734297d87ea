import type { Scheduler } from '@sordino/core';
import { applyLibraryFixups, setBaseTimers } from '../library-fixups.ts';

/** How many times faster than real: T1 is 42 ms, 64*T1 is 2.7 s. */
const SPEED = 12;

/** All timers of our own, `SPEED` times faster, still in ms of the RFC: a guard of 32 000 ms fires after 2.7 s. */
export const quickTime: Scheduler = {
  monotonicMs: () => performance.now() * SPEED,
  wallMs: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs / SPEED);
    return () => clearTimeout(timer);
  },
};

/** The same for sip.js' timers, which are one table for the whole process (Jest gives each test file its own). */
export function hurrySipJs(): void {
  applyLibraryFixups();
  setBaseTimers(500 / SPEED, 4000 / SPEED, 5000 / SPEED);
}

/** Waits until `holds`, looking again every few ms; fails with `what` after 15 s. */
export async function until(what: () => string, holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error(`Waited in vain until ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
