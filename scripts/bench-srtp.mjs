// `npm run bench:srtp`: installs and builds what is needed, then measures. All flags go to the benchmark.
import { join } from 'node:path';
import { build, ensureNode, ensurePackages, root, run, stop } from './lib/setup.mjs';

ensureNode();
ensurePackages();
if (build() !== 0) stop('the build failed, see above');
process.exit(
  run(process.execPath, [join(root, 'packages/relay/dist/bench-srtp/main.js'), ...process.argv.slice(2)]),
);
