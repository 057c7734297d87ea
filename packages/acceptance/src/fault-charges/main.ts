import { parseArgs } from 'node:util';
import { runFaults } from './run.ts';

/** `npm run faults:charges -- [--charges 10000] [--seed N]`: prints what was charged and told, and ends with 1 where the two do not agree. */
const { values } = parseArgs({ options: { charges: { type: 'string' }, seed: { type: 'string' } } });
const charges = Number(values.charges ?? 10_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!Number.isInteger(charges) || charges < 1 || !Number.isInteger(seed)) {
  process.stderr.write('--charges is a whole number from 1, --seed a whole number\n');
  process.exit(2);
}
process.stdout.write(`${charges} charges, seed ${seed}\n`);
const SAY_EVERY = 1_000;
const run = await runFaults({
  ...{ charges, seed },
  progress: (done) => void (done % SAY_EVERY === 0 && process.stdout.write(`  ${done}\n`)),
});
process.stdout.write(`${JSON.stringify(run, null, 2)}\n`);
process.exit(run.disagreements.length === 0 ? 0 : 1);
