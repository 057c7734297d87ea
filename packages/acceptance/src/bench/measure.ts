import { Load, type LoadResult } from './load/load.ts';
import type { SystemSample, SystemSetup } from './protocol.ts';
import { System } from './system.ts';

export interface MeasurePlan {
  readonly parser: SystemSetup['parser'];
  /** Offered rates, one after the other, until one is too much. */
  readonly ratesPerS: readonly number[];
  readonly stepS: number;
  readonly warmUp: { readonly ratePerS: number; readonly calls: number };
  /** So many at least after the warm-up, the last of them at the highest rate that was sustained. */
  readonly calls: number;
  readonly transactionMemoryMs: number | undefined;
  readonly profile: string | undefined;
}

export interface Step extends LoadResult {
  readonly ratePerS: number;
  readonly cpuMs: number;
  readonly setupP99Ms: number;
  /** Nothing failed, nothing was sent twice, and the load could begin as many calls as it wanted. */
  readonly sustained: boolean;
}

export interface Measured {
  readonly steps: readonly Step[];
  readonly best: Step | undefined;
  /** All calls after the warm-up for all CPU time until nothing of them was left: what is done later is paid for too. */
  readonly callsPerCoreSecond: number;
  readonly calls: number;
  readonly heapGrowthBytes: number;
}

/** From ACK to BYE. */
const HOLD_MS = 100;
/** Share of the wanted rate that the load must have begun. */
const OFFERED_MIN = 0.98;
/** Beyond timers B, F, J and the like. */
const DRAIN_MAX_MS = 60_000;
const DRAIN_POLL_MS = 250;

export async function measure(plan: MeasurePlan, progress: (step: Step) => void): Promise<Measured> {
  await using load = await Load.open();
  const { parser, transactionMemoryMs, profile } = plan;
  const nodeArgs = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const setup = { returnUri: load.returnUri, parser, transactionMemoryMs };
  await using system = await System.start(setup, nodeArgs);

  await load.run(system, { ...plan.warmUp, holdMs: HOLD_MS });
  await drained(system);
  const before = await system.sample(true);

  const steps: Step[] = [];
  const run = async (ratePerS: number, calls: number): Promise<Step> => {
    const step = await oneStep(system, load, ratePerS, calls);
    progress(step);
    steps.push(step);
    return step;
  };
  const begun = (): number => steps.reduce((sum, { calls }) => sum + calls, 0);
  let best: Step | undefined;
  for (const ratePerS of plan.ratesPerS) {
    const step = await run(ratePerS, ratePerS * plan.stepS);
    if (!step.sustained) break;
    best = step;
  }
  if (best !== undefined && begun() < plan.calls) await run(best.ratePerS, plan.calls - begun());

  const { cpuMs } = await drained(system);
  const after = await system.sample(true);
  const calls = begun();
  return {
    steps,
    best,
    calls,
    callsPerCoreSecond: (1_000 * calls) / (cpuMs - before.cpuMs),
    heapGrowthBytes: after.heapUsedBytes - before.heapUsedBytes,
  };
}

async function oneStep(system: System, load: Load, ratePerS: number, calls: number): Promise<Step> {
  const { cpuMs } = await system.sample(false);
  const result = await load.run(system, { ratePerS, calls, holdMs: HOLD_MS });
  const after = await system.sample(false);
  const sustained =
    result.failed === 0 && result.retransmissions === 0 && result.offeredPerS >= OFFERED_MIN * ratePerS;
  return {
    ...result,
    ratePerS,
    cpuMs: after.cpuMs - cpuMs,
    setupP99Ms: result.setupMs[Math.floor(0.99 * (result.setupMs.length - 1))] ?? Number.NaN,
    sustained,
  };
}

/** Waits until the system holds nothing of any call. */
async function drained(system: System): Promise<SystemSample> {
  const giveUpMs = performance.now() + DRAIN_MAX_MS;
  for (;;) {
    const sample = await system.sample(false);
    const left = Object.entries(sample.open).filter(([, size]) => size > 0);
    if (left.length === 0) return sample;
    if (performance.now() > giveUpMs)
      throw new Error(`still there after ${DRAIN_MAX_MS} ms: ${left.join(' ')}`);
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
}
