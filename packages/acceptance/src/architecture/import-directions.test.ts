import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repoRoot } from '../repo-root.ts';

/**
 * Imports point one way: apps -> relay, sip, store, observability -> interception, payments -> media -> core.
 * `payments` and `interception` never import each other: they meet in the apps, over events.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  // Published: it has nothing but what its package has.
  'packages/client': [],
  'packages/media': ['core'],
  'packages/interception': ['core', 'media'],
  'packages/payments': ['core'],
  'packages/sip': ['core', 'interception'],
  'packages/relay': ['core', 'media', 'interception'],
  'packages/store': ['core', 'payments'],
  'packages/observability': ['core'],
  // The simulated world is a second opinion: it speaks SIP over our stack, and shares nothing with media and relay but the
  // libraries that relay/testing hands on.
  'packages/testkit': ['core', 'interception', 'sip', 'relay/testing'],
  // Browser code imports only core.
  'apps/agent-desk': ['core'],
  'apps/ops-console': ['core'],
  'apps/orchestrator': ['core', 'interception', 'sip'],
  'apps/relay': ['core', 'interception', 'media', 'relay'],
  'apps/payments': ['core', 'payments', 'observability'],
  'apps/sordino': [
    'core',
    'interception',
    'payments',
    'store',
    'observability',
    'sip',
    'sip/farewell',
    'testkit',
    'app-orchestrator',
    'app-relay',
    'app-payments',
    'app-agent-desk',
    'app-ops-console',
  ],
};

const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

function sourcesOf(part: string): string[] {
  const walk = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? walk(path) : entry.name.endsWith('.ts') ? [path] : [];
    });
  return walk(join(repoRoot, part, 'src'));
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? '');
}

/** Tests may reach for tools that the code may not. */
const isTest = (file: string): boolean => /\.test\.ts$|\/test-support\/|\/testing\//.test(file);

const parts = ['packages', 'apps'].flatMap((kind) =>
  readdirSync(join(repoRoot, kind)).map((name) => `${kind}/${name}`),
);

describe('import directions', () => {
  it('are decided for every part', () => {
    expect(parts.filter((part) => part !== 'packages/acceptance').sort()).toEqual(
      Object.keys(MAY_IMPORT).sort(),
    );
  });

  it.each(Object.keys(MAY_IMPORT))('of %s point one way', (part) => {
    const allowed = new Set((MAY_IMPORT[part] ?? []).map((name) => `@sordino/${name}`));
    const foreign = sourcesOf(part)
      .filter((file) => !isTest(file))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => target.startsWith('@sordino/') && !allowed.has(target))
          .map((target) => `${relative(repoRoot, file)} imports ${target}`),
      );
    expect(foreign).toEqual([]);
  });

  it.each(Object.keys(MAY_IMPORT))('of %s stay inside its folder', (part) => {
    const root = join(repoRoot, part, 'src');
    const escaping = sourcesOf(part).flatMap((file) =>
      importsOf(file)
        .filter((target) => target.startsWith('.'))
        .filter((target) => !join(file, '..', target).startsWith(root))
        .map((target) => `${relative(repoRoot, file)} imports ${target}`),
    );
    expect(escaping).toEqual([]);
  });

  /** Cryptography by the platform's own `crypto.subtle`; a parser of text. */
  const PURE_LIBRARIES = new Set(['@hpke/core', 'saxes']);

  it.each(['packages/core', 'packages/media', 'packages/interception', 'packages/payments'])(
    'leave %s pure: no platform module, no library that touches the world',
    (part) => {
      const impure = sourcesOf(part)
        .filter((file) => !isTest(file))
        .flatMap((file) =>
          importsOf(file)
            .filter(
              (target) =>
                !target.startsWith('.') && !target.startsWith('@sordino/') && !PURE_LIBRARIES.has(target),
            )
            .map((target) => `${relative(repoRoot, file)} imports ${target}`),
        );
      expect(impure).toEqual([]);
    },
  );

  it('are really looked for: a planted import is found', () => {
    const planted =
      "import { x } from '@sordino/sip';\nexport * from '@sordino/relay';\nawait import('@sordino/store');";
    expect([...planted.matchAll(IMPORT)].map((match) => match[1])).toEqual([
      '@sordino/sip',
      '@sordino/relay',
      '@sordino/store',
    ]);
  });
});
