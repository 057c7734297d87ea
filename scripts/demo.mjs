// `npm run demo`: installs and builds what is needed, then plays one payment call. All flags go to the demo.
import { join } from 'node:path';
import { build, ensureNode, ensurePackages, root, run, stop } from './lib/setup.mjs';

ensureNode();
ensurePackages();
if (build() !== 0) stop('the build failed, see above');
process.exit(
  run(process.execPath, [join(root, 'apps/sordino/dist/main.js'), 'demo', ...process.argv.slice(2)]),
);
