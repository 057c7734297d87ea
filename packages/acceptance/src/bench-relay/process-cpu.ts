import { readdirSync, readFileSync } from 'node:fs';

const NS_PER_MS = 1_000_000;

/** User and system time of all threads of a process so far, to the ns: `/proc/PID/stat` counts in 10 ms. */
export function processCpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + threadCpuMs(`/proc/${pid}/task/${thread}/schedstat`), 0);
}

/** 0 for a thread that has just ended. */
function threadCpuMs(file: string): number {
  try {
    return Number(readFileSync(file, 'latin1').split(' ', 1)[0]) / NS_PER_MS;
  } catch {
    return 0;
  }
}
