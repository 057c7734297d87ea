/** `npm run bench:detect`: which keys are recognised, and what is taken for one, beside spandsp. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { SAMPLES_PER_MS, Spandsp, speechLike, take } from '@sordino/testkit';
import { measureAlarms } from './attestation.ts';
import { product } from './listeners.ts';
import {
  measureAmongKeys,
  measureFieldOpen,
  measureKeys,
  measureMelodies,
  measureTalkOff,
} from './measure.ts';
import { promptCache, prompts, type Voice } from './prompts.ts';
import { failuresOf, figuresOf, figureTable, kindTable } from './report.ts';

const HELP = `bench:detect: keys after ITU-T Q.24 in G.711 and after GSM, and hours of speech, through the product's chain and spandsp

  --quick         less than a minute: fewer keys, the voices as they are
  --short         some seconds: each key once, and synthetic voices, so that nothing is fetched
  --report FILE   the figures as JSON
  --cache DIR     where Debian's announcements are kept (default: ${promptCache()})
  --seed N        other phases, noise and voices under the keys
`;

/** The voices at these speeds: eleven hours of them in all. */
const PITCHES = [1, 0.85, 0.92, 1.08, 1.17];
/** 20 ms frames for which the cost is measured: two minutes of speech, after as many to warm up. */
const FRAMES_TIMED = 6000;
const FRAME_SAMPLES = 20 * SAMPLES_PER_MS;

/** Two minutes of synthetic talkers, a woman and a man. */
const talkers = (seed: number): Voice[] =>
  [2 * seed, 2 * seed + 1].map((n) => ({
    language: `synthetic ${n}`,
    samples: take(speechLike(n), 60_000),
  }));

/** CPU time of the chain for each frame of speech. */
function costOf(voices: readonly Voice[]): number {
  const speech = voices[0]?.samples.subarray(0, FRAMES_TIMED * FRAME_SAMPLES) ?? new Int16Array();
  product(speech);
  const before = process.cpuUsage();
  product(speech);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (speech.length / FRAME_SAMPLES);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      report: { type: 'string' },
      cache: { type: 'string', default: promptCache() },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const seed = Number(values.seed);
  const spandsp = await Spandsp.compiled();
  const isQuick = values.quick || values.short;
  const rows = await measureKeys(spandsp, seed, values.short ? 1 : isQuick ? 2 : 8);
  console.log(kindTable(rows));
  const voices = values.short ? talkers(seed) : await prompts(values.cache);
  const usPerFrame = costOf(voices);
  const say = (line: string): void => console.log(line);
  const speech = await measureTalkOff(spandsp, voices, isQuick ? [1] : PITCHES, say);
  const some = isQuick ? voices.slice(0, 1) : voices;
  const [amongKeys, fieldOpen] = [measureAmongKeys(some), measureFieldOpen(some)];
  const melodyMs = values.short ? 20_000 : 600_000;
  const melodies = await measureMelodies(spandsp, seed, melodyMs);
  const alarms = measureAlarms(voices, seed, melodyMs);
  const figures = figuresOf({ rows, speech, amongKeys, fieldOpen, melodies, usPerFrame, alarms });
  const failures = failuresOf(figures);
  console.log(`\n${figureTable(figures)}`);
  for (const failure of failures) console.log(`\nFAILED ${failure}`);
  if (values.report !== undefined) {
    await writeFile(values.report, `${JSON.stringify({ figures, failures }, null, 2)}\n`);
    console.log(`\nreport: ${values.report}`);
  }
  return failures.length === 0 ? 0 : 1;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(`bench:detect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 2;
  }),
);
