import { PerformanceObserver } from 'node:perf_hooks';
import type { WorkerStats } from './protocol.ts';

/** Counts this thread's collections of garbage: while one runs, no packet is handled. */
export function watchGarbage(): () => WorkerStats['gc'] {
  let gc: WorkerStats['gc'] = { pauses: 0, totalMs: 0, maxMs: 0 };
  const observer = new PerformanceObserver((seen) => {
    for (const { duration } of seen.getEntries())
      gc = { pauses: gc.pauses + 1, totalMs: gc.totalMs + duration, maxMs: Math.max(gc.maxMs, duration) };
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => gc;
}
