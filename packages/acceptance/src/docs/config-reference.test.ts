import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '@sordino/sordino';
import { repoRoot } from '../repo-root.ts';
import { configKeys } from './config-keys.ts';

const page = readFileSync(join(repoRoot, 'docs/operations/README.md'), 'utf8');

/** Rows of the table: key and default as they stand there. */
const documented = [...page.matchAll(/^\| `([a-z0-9_.[\]]+)` \| (.*?) \| .* ?\|$/gm)].map(
  ([, path = '', byDefault = '']) => ({
    path,
    byDefault: byDefault.replace(/^`|`$/g, ''),
  }),
);

describe('docs/operations/README.md', () => {
  it('lists every key of the configuration with its default, in order, and no other', () => {
    expect(documented).toEqual(configKeys());
  });
});

describe('infra/sordino.yaml', () => {
  const sample = join(repoRoot, 'infra/sordino.yaml');

  it('is a configuration that starts', () => {
    const config = readConfig(sample, {});
    expect(config.platforms.map(({ id }) => id)).toEqual(['plt_main']);
    expect(config.store).toEqual({ kind: 'journal', directory: '/var/lib/sordino' });
    // Plain HTTP must not leave the machine.
    expect(config.api.host).toBe('127.0.0.1');
  });

  it('would be refused with a key that does not exist', () => {
    expect(() => readConfig(sample, { SORDINO_API__PROT: '1' })).toThrow(/api\.prot: no such key/);
  });
});

describe('infra/systemd/sordino.service', () => {
  const unit = readFileSync(join(repoRoot, 'infra/systemd/sordino.service'), 'utf8');

  it('starts a file that the build makes, and writes no card data to disk', () => {
    const [, file] =
      /^ExecStart=\S+ \/opt\/sordino\/apps\/sordino\/dist\/(\S+)\.js start --config/m.exec(unit) ?? [];
    expect(readFileSync(join(repoRoot, `apps/sordino/src/${file}.ts`), 'utf8')).toContain('start:');
    expect(unit).toMatch(/^LimitCORE=0$/m);
    expect(unit).toMatch(/^MemorySwapMax=0$/m);
  });
});
