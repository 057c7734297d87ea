// `npm run faults:charges -- [--charges 10000] [--seed N]`: charges over every simulated gateway, with faults at every place.
import { build, ensureNode, ensurePackages, run } from './lib/setup.mjs';

ensureNode();
ensurePackages();
if (build() !== 0) process.exit(1);
process.exit(
  run(process.execPath, ['packages/acceptance/dist/fault-charges/main.js', ...process.argv.slice(2)]),
);
