import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The built worker. Threads run JavaScript only, so that a test which runs this package from `src` starts the worker of
 * `dist`. Throws when it was not built.
 */
export const workerFile = (): URL => built('../dist/worker/main.js');

/** The same for the thread that shakes hands. */
export const handshakesFile = (): URL => built('../dist/handshakes/main.js');

function built(path: string): URL {
  const file = new URL(path, import.meta.url);
  if (!existsSync(file))
    throw new Error(
      `the relay worker is not built: ${fileURLToPath(file)} is missing; run "npx tsc -b packages/relay" (or "npm run build")`,
    );
  return file;
}
