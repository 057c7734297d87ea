import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { pooledRandom, type RandomBytes, type Scheduler } from '@sordino/core';

/** The machine's own clock and timers. Timers do not keep the process alive: its sockets do. */
export const systemScheduler: Scheduler = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The same, for a process that has nothing else to stay alive by. */
export const wakefulScheduler: Scheduler = {
  ...systemScheduler,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export const randomBytes: RandomBytes = pooledRandom(nodeRandomBytes);
