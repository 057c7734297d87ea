/** `npm run bench:leak`: what is left of the customer's keys on leg 7, by the best judges there are, beside the same calls unmasked. */
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { LOOKBACK_MS_DEFAULT } from '@sordino/media';
import { type LeakPlan, measureLeaks } from './measure.ts';
import { classTable, failuresOf, figuresOf, figureTable } from './report.ts';

const HELP = `bench:leak: presses keys through a running relay, and lets spandsp, multimon-ng and a matched estimator listen to leg 7

  --quick           less than a minute: shorter and fewer calls
  --short           some seconds: the cases that are the hardest, one call each
  --report FILE     the figures as JSON
  --only TEXT       only the cases whose name holds this
  --offline-only    the relay's stripper alone, without sockets and as fast as it goes
  --lookback MS     how long the relay looks ahead (default: the product's)
  --seed N          other keys, voices and losses
`;

type Size = Pick<LeakPlan, 'sockets' | 'offline' | 'controlEvery'>;

const FULL: Size = {
  sockets: { callsPerCase: 2, callMs: 75_000 },
  offline: { callsPerCase: 2, callMs: 75_000 },
  controlEvery: 5,
};
const QUICK: Size = {
  sockets: { callsPerCase: 1, callMs: 8_000 },
  offline: { callsPerCase: 1, callMs: 4_800 },
  controlEvery: 8,
};
const SHORT: Size = {
  sockets: { callsPerCase: 1, callMs: 6_000 },
  offline: { callsPerCase: 1, callMs: 6_000 },
  controlEvery: 4,
};
const NO_CALLS = { callsPerCase: 0, callMs: 0 };

function read(args: string[]): { plan: LeakPlan; report: string | undefined; help: boolean } {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      report: { type: 'string' },
      only: { type: 'string' },
      'offline-only': { type: 'boolean', default: false },
      lookback: { type: 'string', default: String(LOOKBACK_MS_DEFAULT) },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, short, only } = values;
  const size = short ? SHORT : quick ? QUICK : FULL;
  const offlineOnly = values['offline-only'];
  const plan: LeakPlan = {
    ...size,
    ...(offlineOnly ? { sockets: NO_CALLS } : short ? { offline: NO_CALLS } : {}),
    takes: ({ name, isHard }) => (only === undefined ? isHard || !short : name.includes(only)),
    workers: Math.min(2, availableParallelism()),
    lookbackMs: Number(values.lookback),
    seed: Number(values.seed),
  };
  return { plan, report: values.report, help: values.help };
}

async function main(): Promise<number> {
  const { plan, report, help } = read(process.argv.slice(2));
  if (help) {
    console.log(HELP);
    return 0;
  }
  const startMs = performance.now();
  const seconds = (): string => `${((performance.now() - startMs) / 1000).toFixed(0).padStart(3)} s  `;
  const measured = await measureLeaks(plan, (line) => console.log(seconds() + line));
  const tallies = [...measured.sockets, ...measured.offline];
  const failures = failuresOf(tallies);
  const figures = figuresOf(measured.all);
  console.log(`${seconds()}done\n\n${classTable(tallies)}\n\n${figureTable(figures)}`);
  for (const failure of failures) console.log(`\nFAILED ${failure}`);
  if (report !== undefined) {
    await writeFile(report, `${JSON.stringify({ figures, failures }, null, 2)}\n`);
    console.log(`\nreport: ${report}`);
  }
  return failures.length === 0 ? 0 : 1;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(`bench:leak: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 2;
  }),
);
