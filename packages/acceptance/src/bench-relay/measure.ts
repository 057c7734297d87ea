import { GeneratorProgram, type Heard } from './generator.ts';
import { processCpuMs } from './process-cpu.ts';
import type { Media, RelayTroubles, RelayUnderTest } from './relay-under-test.ts';

/** The relay has one core to itself and the generator the other, as far as the machine lets them. */
export const RELAY_CORE = 0;
const GENERATOR_CORE = 1;

export interface MeasurePlan {
  readonly media: Media;
  readonly calls: readonly number[];
  readonly warmMs: number;
  readonly measureMs: number;
}

export interface Step {
  readonly calls: number;
  readonly cpuMsPerCallSecond: number;
  /** Share of one core. */
  readonly core: number;
  /** Of the direction that is worse. */
  readonly addedMs: { readonly p50: number; readonly p99: number };
  /** Did not come, or not with the audio that was sent. */
  readonly lostPct: number;
  readonly troubles: RelayTroubles | undefined;
  readonly heard: Heard;
}

/** One relay, a fresh process for each number of calls. */
export async function measure(
  start: () => Promise<RelayUnderTest>,
  plan: MeasurePlan,
  told: (step: Step) => void,
): Promise<readonly Step[]> {
  await using program = await GeneratorProgram.compile();
  const steps: Step[] = [];
  for (const calls of plan.calls) {
    await using relay = await start();
    const step = await oneStep(relay, program, calls, plan);
    told(step);
    steps.push(step);
  }
  return steps;
}

async function oneStep(
  relay: RelayUnderTest,
  program: GeneratorProgram,
  calls: number,
  plan: MeasurePlan,
): Promise<Step> {
  await using generator = program.start(calls, GENERATOR_CORE, plan.media, relay.keepsOpusPackets);
  const ports = await generator.ports();
  for (let call = 0; call < calls; call += 1)
    generator.call(await relay.openCall(ports[2 * call] ?? 0, ports[2 * call + 1] ?? 0, plan.media));
  const cpuMs: number[] = [];
  const heard = await generator.run(plan, relay.lookbackMs, () => {
    cpuMs.push(processCpuMs(relay.pid));
  });
  const usedMs = (cpuMs[1] ?? 0) - (cpuMs[0] ?? 0);
  const { toAgentMs, toCustomerMs } = heard;
  return {
    calls,
    cpuMsPerCallSecond: (1_000 * usedMs) / (calls * plan.measureMs),
    core: usedMs / plan.measureMs,
    addedMs: {
      p50: Math.max(toAgentMs.p50, toCustomerMs.p50),
      p99: Math.max(toAgentMs.p99, toCustomerMs.p99),
    },
    lostPct: (100 * (heard.sent - heard.delivered)) / heard.sent,
    troubles: await relay.troubles(),
    heard,
  };
}
