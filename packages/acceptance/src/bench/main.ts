/** `npm run bench:sip`: how many bridged calls one core sets up and tears down, beside the same with sip.js' own parser. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { type Measured, type MeasurePlan, measure, type Step } from './measure.ts';
import { BENCH_HELP, type BenchOptions, readBenchOptions } from './options.ts';
import { figuresOf, meetsBar, table } from './report.ts';

/** Finished transactions wait 32 s over UDP (timer J): a quick run cannot. */
const QUICK_MEMORY_MS = 1_000;

function plans({ quick, profile }: BenchOptions): { ours: MeasurePlan; baseline: MeasurePlan } {
  const common = { transactionMemoryMs: quick ? QUICK_MEMORY_MS : undefined };
  return {
    ours: {
      ...common,
      ...{ parser: 'ours', profile, stepS: quick ? 4 : 10, heapCalls: quick ? 600 : 10_000 },
      ratesPerS: quick ? [400, 500] : [200, 300, 400, 500, 600, 700, 800],
      // More than the interceptor remembers of finished calls, so that what grows later is a leak.
      // And enough for V8 to compile what is used often: the first thousand calls cost three times as much as later ones.
      warmUp: { ratePerS: quick ? 400 : 300, calls: quick ? 2_400 : 8_000 },
    },
    baseline: {
      ...common,
      ...{ parser: 'sip.js', profile: undefined, stepS: quick ? 3 : 10, heapCalls: quick ? 40 : 400 },
      ratesPerS: quick ? [40] : [40, 60, 80, 100],
      warmUp: { ratePerS: 40, calls: quick ? 80 : 400 },
    },
  };
}

async function run(name: string, plan: MeasurePlan): Promise<Measured> {
  console.log(`\n${name}: ${plan.ratesPerS.join(', ')} calls/s, ${plan.stepS} s each`);
  return measure(plan, (step) => console.log(`  ${describe(step)}`));
}

const describe = (step: Step): string =>
  `${String(step.ratePerS).padStart(4)} calls/s: ${step.calls} calls, ${step.failed} failed, ${step.retransmissions} repeated, ` +
  `set up in ${step.setupP99Ms.toFixed(1)} ms (p99), ${(step.cpuMs / step.calls).toFixed(2)} ms CPU a call, ` +
  `${((100 * step.cpuMs) / step.wallMs).toFixed(0)} % of a core` +
  [...step.problems].map(([problem, times]) => `\n    ${times} x ${problem}`).join('');

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(BENCH_HELP);
    return 0;
  }
  const options = readBenchOptions(process.argv.slice(2));
  console.log(`bench:sip on Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
  const { ours, baseline } = plans(options);
  const measured = await run('Sordino', ours);
  const compared = await run('the same with the untouched parser of sip.js', baseline);
  const figures = figuresOf(measured, compared);
  console.log(`\n${table(figures)}`);
  if (options.report !== undefined) {
    await writeFile(options.report, `${JSON.stringify({ figures }, null, 2)}\n`);
    console.log(`\nreport: ${options.report}`);
  }
  return meetsBar(figures) ? 0 : 1;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(`bench:sip: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }),
);
