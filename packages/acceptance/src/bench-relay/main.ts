/** `npm run bench:relay`: what a call costs in Sordino's media relay, beside the same in rtpengine. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { type MeasurePlan, measure, RELAY_CORE, type Step } from './measure.ts';
import { BENCH_RELAY_HELP, type BenchRelayOptions, readBenchRelayOptions } from './options.ts';
import type { RelayUnderTest } from './relay-under-test.ts';
import { figuresOf, meetsBar, table } from './report.ts';
import { Rtpengine } from './rtpengine.ts';
import { SordinoRelay } from './sordino.ts';

const planOf = ({ quick, calls }: BenchRelayOptions): MeasurePlan =>
  quick
    ? { calls: calls ?? [100, 300], warmMs: 3_000, measureMs: 4_000 }
    : { calls: calls ?? [50, 100, 200, 300, 400, 500, 600, 700, 800], warmMs: 5_000, measureMs: 15_000 };

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(BENCH_RELAY_HELP);
    return 0;
  }
  const options = readBenchRelayOptions(process.argv.slice(2));
  const plan = planOf(options);
  console.log(`bench:relay on Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
  console.log(
    `${plan.calls.join(', ')} calls of PCMU, 20 ms, both directions, ${plan.measureMs / 1_000} s each`,
  );
  const relays = {
    rtpengine: (): Promise<RelayUnderTest> => Rtpengine.start(RELAY_CORE),
    sordino: (): Promise<RelayUnderTest> => SordinoRelay.start(RELAY_CORE, options.packetIo),
  };
  const rows: { readonly relay: string; readonly step: Step }[] = [];
  const run = (relay: keyof typeof relays): Promise<readonly Step[]> =>
    measure(relays[relay], plan, (step) => {
      rows.push({ relay, step });
      console.log(
        `  ${relay} with ${step.calls} calls: ${step.cpuMsPerCallSecond.toFixed(2)} ms CPU a call-second`,
      );
    });
  const figures = figuresOf(await run('sordino'), await run('rtpengine'));
  console.log(`\n${table(rows)}\n`);
  for (const [name, { value, unit, baseline, ratio }] of Object.entries(figures))
    console.log(
      `${name}: ${value} ${unit}, rtpengine ${baseline}${ratio === null ? '' : `, ratio ${ratio}`}`,
    );
  if (options.report !== undefined) {
    await writeFile(options.report, `${JSON.stringify({ figures, steps: rows }, null, 2)}\n`);
    console.log(`\nreport: ${options.report}`);
  }
  return meetsBar(figures) ? 0 : 1;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(`bench:relay: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }),
);
