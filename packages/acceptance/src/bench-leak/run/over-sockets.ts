import { silentLog } from '@sordino/core';
import { openMediaRelay } from '@sordino/relay';
import type { Spandsp } from '@sordino/testkit';
import type { CallPlan } from '../plan/call-plan.ts';
import { BenchCall } from './bench-call.ts';
import type { CallOutcome } from './outcome.ts';

/** Between the peers being known and the first packet: the worker has taken the request by then. */
const SETTLE_MS = 300;
/** After the last packet: what is due still comes. */
const DRAIN_MS = 500;

/**
 * Sends calls through a running relay, all at the same time and at their own pace: UDP in, the relay's worker threads, UDP out.
 * Each packet also goes to a socket that nothing stands before: the control.
 */
export async function runOverSockets(
  plans: readonly CallPlan[],
  workers: number,
  lookbackMs: number,
  spandsp: Spandsp,
): Promise<CallOutcome[]> {
  await using relay = await openMediaRelay({
    workers,
    host: '127.0.0.1',
    ports: { min: 0, max: 0 },
    lookbackMs,
    log: silentLog,
  });
  const calls = await Promise.all(plans.map((plan, index) => BenchCall.open(relay, plan, index)));
  try {
    const startMs = performance.now() + SETTLE_MS;
    for (const [index, call] of calls.entries()) call.startAt(startMs + phaseMs(index, calls.length));
    await playOut(calls);
    await passed(DRAIN_MS);
    return await Promise.all(calls.map((call) => call.outcome(spandsp)));
  } finally {
    await Promise.all(calls.map((call) => call.close()));
  }
}

/** Real callers do not all speak in the same instant. */
const phaseMs = (index: number, calls: number): number => (20 * index) / calls;

/** One timer for all calls, to absolute deadlines: it wakes when the next thing of any call is due. */
async function playOut(calls: readonly BenchCall[]): Promise<void> {
  for (;;) {
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const call of calls) nextMs = Math.min(nextMs, call.play(nowMs));
    if (nextMs === Number.POSITIVE_INFINITY) return;
    await passed(Math.max(1, nextMs - performance.now()));
  }
}

const passed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
