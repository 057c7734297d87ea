import { execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repoRoot } from '../repo-root.ts';
import { CALL_ID, CallScene } from '../scene/call-scene.ts';

const run = promisify(execFile);
const PACKAGE = join(repoRoot, 'packages/client');
const KEYS = {
  card_number: '4242424242424242#',
  expiry: `12${(new Date().getUTCFullYear() + 4) % 100}`,
  cvc: '737',
};
const KEYED = { how: 'events', durationMs: 60, betweenKeysMs: 60 } as const;

/** A folder of somebody else, who has installed what `npm pack` made, and nothing else. */
let elsewhere = '';
let packed: readonly string[] = [];
beforeAll(async () => {
  elsewhere = mkdtempSync(join(tmpdir(), 'sordino-client-'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', elsewhere], { cwd: PACKAGE });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  packed = files.map(({ path }) => path);
  writeFileSync(join(elsewhere, 'package.json'), '{"name":"elsewhere","type":"module","private":true}');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(elsewhere, filename)], {
    cwd: elsewhere,
  });
  const compiled = join(PACKAGE, 'dist/examples');
  for (const name of readdirSync(compiled).filter((file) => file.endsWith('.js')))
    copyFileSync(join(compiled, name), join(elsewhere, name));
}, 120_000);
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

/** Runs an example as its reader would; `onLine` sees what it prints while it runs. */
async function example(
  name: string,
  scene: CallScene,
  onLine: (line: string) => void = () => {},
): Promise<{ readonly code: number | null; readonly said: readonly string[] }> {
  const child = spawn(process.execPath, [`${name}.js`], {
    cwd: elsewhere,
    env: { SORDINO_URL: scene.sordino.api, SORDINO_KEY: scene.apiKey, CALL_ID },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    onLine(line);
  }
  return { code: await ended, said };
}

describe('@sordino/client, packed and installed without a network', () => {
  it('has types and code, its examples and its README, and nothing else', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'package.json',
        'README.md',
        'dist/index.js',
        'dist/index.d.ts',
        'examples/take-a-payment.ts',
      ]),
    );
    expect(packed.filter((path) => /test|\.map$|tsbuildinfo|^src|^scripts/.test(path))).toEqual([]);
  });

  it('takes a payment in a live call', async () => {
    await using scene = await CallScene.open({ validateResponses: true });
    const { code, said } = await example('take-a-payment', scene, (line) => {
      const field = /^collecting (\w+)/.exec(line)?.[1] as keyof typeof KEYS | undefined;
      if (field !== undefined) void scene.world.customer.press(KEYS[field], KEYED);
      if (line.startsWith('bring the call')) void bring(scene);
    });
    expect([code, said.slice(1)]).toEqual([
      0,
      [
        'collecting card_number',
        'captured card_number 4242',
        'collecting expiry',
        'captured expiry',
        'collecting cvc',
        'captured cvc',
        'payment approved',
      ],
    ]);
    const pages = await example('every-session', scene);
    expect([pages.code, pages.said]).toEqual([0, [expect.stringMatching(/^ses_\w+ approved$/)]]);
    const keys = await example('roll-a-key', scene);
    expect([keys.code, keys.said]).toEqual([0, ['reads 1 sessions', 'reads 1 sessions', 'reports revoked']]);
  }, 60_000);
});

async function bring(scene: CallScene): Promise<void> {
  const listed = await scene.client.list();
  const session = listed.ok ? listed.value.data[0] : undefined;
  if (session === undefined) throw new Error('the example made no session');
  await scene.divert(session);
}
