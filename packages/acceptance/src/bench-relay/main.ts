/** `npm run bench:relay`: what a call costs in Sordino's media relay, beside the same in rtpengine. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { type MeasurePlan, measure, RELAY_CORE, type Step } from './measure.ts';
import { BENCH_RELAY_HELP, type BenchRelayOptions, readBenchRelayOptions } from './options.ts';
import type { Media, RelayUnderTest } from './relay-under-test.ts';
import { figuresOf, meetsBar, type Row, table } from './report.ts';
import { Rtpengine } from './rtpengine.ts';
import { SordinoRelay } from './sordino.ts';

/** RTP as it is, SRTP, and Opus: fewer steps of these, for what they add does not depend on how many calls there are. */
const plansOf = ({ quick, calls }: BenchRelayOptions): Readonly<Record<Media, MeasurePlan>> => {
  const times = quick ? { warmMs: 1_500, measureMs: 2_500 } : { warmMs: 5_000, measureMs: 15_000 };
  const steps = quick ? [100, 300] : [50, 100, 200, 300, 400, 600, 800];
  return {
    RTP: { ...times, media: 'RTP', calls: calls ?? steps },
    SRTP: { ...times, media: 'SRTP', calls: calls ?? (quick ? [100] : [50, 100, 200, 400, 800]) },
    // rtpengine's core is full with some 55.
    Opus: { ...times, media: 'Opus', calls: calls ?? (quick ? [40] : [20, 40, 50, 100, 200, 400]) },
  };
};

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(BENCH_RELAY_HELP);
    return 0;
  }
  const options = readBenchRelayOptions(process.argv.slice(2));
  const plans = plansOf(options);
  console.log(`bench:relay on Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
  console.log(`${plans.RTP.calls.join(', ')} calls of 20 ms, both directions`);
  const relays = {
    rtpengine: (): Promise<RelayUnderTest> => Rtpengine.start(RELAY_CORE),
    sordino: (): Promise<RelayUnderTest> => SordinoRelay.start(RELAY_CORE, options.packetIo),
  };
  const rows: Row[] = [];
  const run = (relay: keyof typeof relays, media: Media): Promise<readonly Step[]> =>
    measure(relays[relay], plans[media], (step) => {
      rows.push({ relay, media, step });
      const cost = step.cpuMsPerCallSecond.toFixed(2);
      console.log(`  ${relay} with ${step.calls} calls of ${media}: ${cost} ms CPU a call-second`);
    });
  const figures = figuresOf(
    { ours: await run('sordino', 'RTP'), rtpengine: await run('rtpengine', 'RTP') },
    { ours: await run('sordino', 'SRTP'), rtpengine: await run('rtpengine', 'SRTP') },
    { ours: await run('sordino', 'Opus'), rtpengine: await run('rtpengine', 'Opus') },
  );
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
