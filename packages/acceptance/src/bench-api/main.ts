/** `npm run bench:api`: what the session API costs with each store, beside bare Express routes. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { MeasurePlan } from './measure.ts';
import { table } from './report.ts';
import { runBenchApi } from './run.ts';

const HELP = `bench:api: takes payments over HTTP, with keys and a gateway that answers at once, and measures each step with each store

  --quick         less than a minute
  --report FILE   the figures as JSON
`;

const plan = (quick: boolean): MeasurePlan => ({
  warmUpSessions: quick ? 60 : 300,
  aloneSessions: quick ? 100 : 500,
  together: { payments: 16, sessions: quick ? 80 : 1_000 },
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      report: { type: 'string' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  console.log(`bench:api on Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
  const figures = await runBenchApi(plan(values.quick), (kind, { sessionsPerCoreSecond }) =>
    console.log(`  ${kind}: ${sessionsPerCoreSecond.toFixed(1)} sessions for each second of CPU time`),
  );
  console.log(`\n${table(figures)}`);
  if (values.report === undefined) return;
  await writeFile(values.report, `${JSON.stringify({ figures }, null, 2)}\n`);
  console.log(`\nreport: ${values.report}`);
}

try {
  await main();
} catch (error) {
  console.error(`bench:api: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
