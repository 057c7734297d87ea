import { Load, type LoadResult } from './load/load.ts';
import type { SystemSample, SystemSetup } from './protocol.ts';
import { System } from './system.ts';

export interface MeasurePlan {
  readonly parser: SystemSetup['parser'];
  /** Offered rates, one after the other, until one is too much. */
  readonly ratesPerS: readonly number[];
  readonly stepS: number;
  readonly warmUp: { readonly ratePerS: number; readonly calls: number };
  /** So many over which the heap may not grow; at half the highest rate, for they begin with code that is not compiled yet. */
  readonly heapCalls: number;
  readonly transactionMemoryMs: number | undefined;
  readonly profile: string | undefined;
}

export interface Step extends LoadResult {
  readonly ratePerS: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly setupP99Ms: number;
  /** Nothing failed, nothing was sent twice, and the load could begin as many calls as it wanted. */
  readonly sustained: boolean;
}

export interface Measured {
  readonly steps: readonly Step[];
  readonly best: Step | undefined;
  /**
   * Calls for the CPU time of the system under test, over the steps at the highest rate that was sustained: a core that is half
   * idle is woken for each message, and pays for that with each.
   */
  readonly callsPerCoreSecond: number;
  readonly calls: number;
  readonly heapGrowthBytes: number;
}

/** From ACK to BYE. */
const HOLD_MS = 100;
/** Share of the wanted rate that the load must have begun. */
const OFFERED_MIN = 0.98;
/** A system that had time left and still fell behind was kept from its core by the machine: such a step is tried once more. */
const STARVED_CORE_SHARE = 0.75;
/** A rate that cannot even be begun with is halved so often. */
const HALVINGS_MAX = 2;
/** Beyond timers B, F, J and the like. */
const DRAIN_MAX_MS = 60_000;
const DRAIN_POLL_MS = 100;

export async function measure(plan: MeasurePlan, progress: (step: Step) => void): Promise<Measured> {
  await using load = await Load.open();
  const { parser, transactionMemoryMs, profile } = plan;
  const nodeArgs = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const setup = { returnUri: load.returnUri, parser, transactionMemoryMs };
  await using system = await System.start(setup, nodeArgs);

  await load.run(system, { ...plan.warmUp, holdMs: HOLD_MS });
  const steps: Step[] = [];
  let begun = 0;
  const once = async (ratePerS: number, calls: number): Promise<Step> => {
    const step = await oneStep(system, load, ratePerS, calls);
    begun += step.calls;
    progress(step);
    return step;
  };
  const run = async (ratePerS: number, calls: number): Promise<Step> => {
    const first = await once(ratePerS, calls);
    const starved = !first.sustained && first.cpuMs < STARVED_CORE_SHARE * first.wallMs;
    const step = starved ? await once(ratePerS, calls) : first;
    steps.push(step);
    return step;
  };

  let best: Step | undefined;
  for (const ratePerS of plan.ratesPerS) {
    const step = await run(ratePerS, ratePerS * plan.stepS);
    if (!step.sustained) break;
    best = step;
  }
  for (let halvings = 1; best === undefined && halvings <= HALVINGS_MAX; halvings += 1) {
    const ratePerS = Math.ceil((plan.ratesPerS[0] ?? 1) / 2 ** halvings);
    const step = await run(ratePerS, ratePerS * plan.stepS);
    if (step.sustained) best = step;
  }
  const atBest = steps.filter((step) => step.sustained && step.ratePerS === best?.ratePerS);

  // Only now: with the last object of its kind a collection throws out the code that was compiled for it.
  await drained(system);
  const before = await system.sample(true);
  if (best !== undefined) await run(Math.ceil(best.ratePerS / 2), plan.heapCalls);
  await drained(system);
  const after = await system.sample(true);
  const counted = atBest.length > 0 ? atBest : steps;
  const sum = (read: (step: Step) => number): number => counted.reduce((all, step) => all + read(step), 0);
  return {
    steps,
    best,
    calls: begun,
    callsPerCoreSecond: (1_000 * sum(({ calls }) => calls)) / sum(({ cpuMs }) => cpuMs),
    heapGrowthBytes: after.heapUsedBytes - before.heapUsedBytes,
  };
}

async function oneStep(system: System, load: Load, ratePerS: number, calls: number): Promise<Step> {
  const { cpuMs } = await system.sample(false);
  const startMs = performance.now();
  const result = await load.run(system, { ratePerS, calls, holdMs: HOLD_MS });
  const wallMs = performance.now() - startMs;
  const after = await system.sample(false);
  const sustained =
    result.failed === 0 && result.retransmissions === 0 && result.offeredPerS >= OFFERED_MIN * ratePerS;
  return {
    ...result,
    ratePerS,
    wallMs,
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
    if (performance.now() > giveUpMs) {
      throw new Error(
        `still there after ${DRAIN_MAX_MS} ms: ${left.map(([name, size]) => `${size} ${name}`)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
}
