// `npm run bench:relay`: installs and builds what is needed, then measures. All flags go to the benchmark.
import { join } from 'node:path';
import { build, ensureNode, ensurePackages, ensureTools, root, run, stop } from './lib/setup.mjs';

ensureNode();
ensurePackages();
ensureTools({
  gcc: 'gcc',
  'g++': 'g++',
  rtpengine: 'rtpengine-daemon',
  '/usr/include/srtp2/srtp.h': 'libsrtp2-dev',
  taskset: 'util-linux',
  chrt: 'util-linux',
});
if (build() !== 0) stop('the build failed, see above');
process.exit(
  run(process.execPath, [
    join(root, 'packages/acceptance/dist/bench-relay/main.js'),
    ...process.argv.slice(2),
  ]),
);
