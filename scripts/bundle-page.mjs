// Bundles one browser page: run in an app's folder, takes src/page/main.ts and web/, writes dist/web/.
import { cpSync } from 'node:fs';
import { build } from 'esbuild';

cpSync('web', 'dist/web', { recursive: true });
await build({
  entryPoints: ['src/page/main.ts'],
  outfile: 'dist/web/main.js',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  conditions: ['@sordino/source'],
  sourcemap: true,
  logLevel: 'warning',
});
