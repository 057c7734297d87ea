// `npm run bench:detect`: installs and builds what is needed, then measures. All flags go to the benchmark.
import { join } from 'node:path';
import { build, ensureNode, ensurePackages, ensureTools, JUDGES, root, run, stop } from './lib/setup.mjs';

ensureNode();
ensurePackages();
ensureTools(JUDGES);
if (build() !== 0) stop('the build failed, see above');
process.exit(
  run(process.execPath, [
    join(root, 'packages/acceptance/dist/bench-detect/main.js'),
    ...process.argv.slice(2),
  ]),
);
