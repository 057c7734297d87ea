/** `npm run soak`: calls for half an hour, many of them going wrong, with noise on every port; the memory of it as a curve. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Load, type LoadProgress } from '../bench/load/load.ts';
import { withMishaps } from '../bench/load/manners.ts';
import type { SystemSample } from '../bench/protocol.ts';
import { System } from '../bench/system.ts';
import { drawMemory } from './chart.ts';
import { makeNoise } from './noise.ts';
import { growthPerHour, type SoakSample, toCsv } from './samples.ts';

const HELP = `soak: bridged calls for a long time, one in five going wrong, with broken messages and connections between them

  --minutes N   how long (default 30)
  --rate N      calls a second (default 40)
  --out DIR     soak.csv and soak-memory.png (default soak-out)
`;

const SAMPLE_MS = 10_000;
const HOLD_MS = 2_000;
/** A 200 that is never acknowledged keeps its call for 64*T1, and its leg 7 for some seconds more. */
const LAST_CALL_MS = 90_000;
/** After the last call: timers J, L and M. */
const DRAIN_MS = 60_000;
/** MB an hour. A leak of one call in a hundred would be ten times that. */
const GROWTH_MAX_MB_H = 10;
const MIB = 1_048_576;

async function soak(minutes: number, ratePerS: number, directory: string): Promise<number> {
  await mkdir(directory, { recursive: true });
  await using load = await Load.open();
  const setup = { returnUri: load.returnUri, parser: 'ours', transactionMemoryMs: undefined } as const;
  await using system = await System.start(setup);
  const startMs = performance.now();
  const samples: SoakSample[] = [];
  let now: LoadProgress = { begun: 0, failed: 0, problems: new Map() };
  const look = async (): Promise<SystemSample> => {
    const seen = await system.sample(true);
    const sample: SoakSample = {
      atS: (performance.now() - startMs) / 1_000,
      heapMb: seen.heapUsedBytes / MIB,
      rssMb: seen.rssBytes / MIB,
      cpuS: seen.cpuMs / 1_000,
      begun: now.begun,
      failed: now.failed,
      open: seen.open,
    };
    if (sample.failed > (samples.at(-1)?.failed ?? 0))
      console.log(`${sample.atS.toFixed(0)} s`, now.problems);
    samples.push(sample);
    await writeFile(join(directory, 'soak.csv'), toCsv(samples));
    return seen;
  };
  const looking = setInterval(() => void look(), SAMPLE_MS);
  const noise = makeNoise(system);
  const calls = Math.round(minutes * 60 * ratePerS);
  console.log(`soak: ${calls} calls, ${ratePerS} a second, for ${minutes} minutes`);
  const result = await load.run(
    system,
    { ratePerS, calls, holdMs: HOLD_MS, mannerOf: withMishaps, lastCallMs: LAST_CALL_MS },
    (progress) => {
      now = progress;
    },
  );
  noise[Symbol.dispose]();
  clearInterval(looking);
  const left = await drained(look);

  const loadedS = minutes * 60;
  const growth = growthPerHour(samples, loadedS);
  const loaded = samples.filter(({ atS }) => atS <= loadedS).at(-1);
  const title = `${ratePerS} calls/s for ${minutes} min, one in five going wrong: heap ${growth.toFixed(1)} MB/h`;
  await writeFile(join(directory, 'soak-memory.png'), drawMemory(title, samples));
  const { errors, cpuMs } = left;
  const open = Object.entries(left.open).filter(([, size]) => size > 0);
  const lines = [
    `machine        ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.version}`,
    `calls          ${result.calls}, ${result.failed} failed, ${(cpuMs / result.calls).toFixed(2)} ms CPU each`,
    ...[...result.problems].map(([problem, times]) => `               ${times} x ${problem}`),
    `noise          ${noise.datagrams} broken datagrams, ${noise.connections} broken connections`,
    `heap           ${loaded?.heapMb.toFixed(1)} MB with the last calls, ${growth.toFixed(1)} MB/h; ${samples.at(-1)?.heapMb.toFixed(1)} MB when all was over`,
    `resident       ${loaded?.rssMb.toFixed(0)} MB with the last calls`,
    `errors logged  ${errors}`,
    `left open      ${open.map(([name, size]) => `${size} ${name}`).join(', ') || 'nothing'}`,
  ];
  console.log(lines.join('\n'));
  return result.failed === 0 && errors === 0 && open.length === 0 && growth <= GROWTH_MAX_MB_H ? 0 : 1;
}

/** Looks until nothing is open, or for as long as the longest timer. */
async function drained(look: () => Promise<SystemSample>): Promise<SystemSample> {
  const giveUpMs = performance.now() + DRAIN_MS;
  for (;;) {
    const seen = await look();
    if (Object.values(seen.open).every((size) => size === 0) || performance.now() > giveUpMs) return seen;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} is ${text}; it takes a number above 0`);
  return value;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      rate: { type: 'string', default: '40' },
      out: { type: 'string', default: 'soak-out' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  return soak(positive('minutes', values.minutes), positive('rate', values.rate), values.out);
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(`soak: ${error instanceof Error ? error.message : String(error)}`);
    return 2;
  }),
);
