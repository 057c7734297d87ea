// `npm run soak`: installs and builds what is needed, then plays calls for half an hour. All flags go to the soak.
import { join } from 'node:path';
import { build, ensureNode, ensurePackages, root, run, stop } from './lib/setup.mjs';

ensureNode();
ensurePackages();
if (build() !== 0) stop('the build failed, see above');
process.exit(
  run(process.execPath, [join(root, 'packages/acceptance/dist/soak/main.js'), ...process.argv.slice(2)]),
);
