import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

it('what is generated is what the OpenAPI document says (npm run generate -w packages/client)', () => {
  const script = fileURLToPath(new URL('../scripts/generate.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8', env: {} });
  expect([status, stderr]).toEqual([0, '']);
});
