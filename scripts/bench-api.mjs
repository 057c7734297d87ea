// `npm run bench:api`: installs and builds what is needed, then measures. All flags go to the benchmark.
import { join } from 'node:path';
import { build, ensureNode, ensurePackages, ensureTools, root, run, stop } from './lib/setup.mjs';

ensureNode();
ensurePackages();
ensureTools({ 'redis-server': 'redis-server' });
if (build() !== 0) stop('the build failed, see above');
process.exit(
  run(process.execPath, [join(root, 'packages/acceptance/dist/bench-api/main.js'), ...process.argv.slice(2)]),
);
