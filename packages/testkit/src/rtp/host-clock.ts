import { performance } from 'node:perf_hooks';

const NS_PER_MS = 1e6;

/**
 * Milliseconds of the host's monotonic clock, with fractions. It is the same in every process of one host and never
 * jumps, so what one phone sent can be laid beside what another, in another process, heard.
 */
export function hostNowMs(): number {
  return Number(process.hrtime.bigint()) / NS_PER_MS;
}

/** Unix milliseconds to the host's clock, to lay the product's own event times on the same axis. */
export function hostMsOfUnix(unixMs: number): number {
  return unixMs - (performance.timeOrigin + performance.now()) + hostNowMs();
}
