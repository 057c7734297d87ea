import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repoRoot } from '../repo-root.ts';

/** Where answers with an error are made. */
const SOURCES = ['apps/payments/src', 'packages/payments/src'];

/** How a code gets into an answer: the helpers of `problems.ts` and `body-parser.ts`, and the literal problems of the HTTP edge. */
const MADE_BY: readonly RegExp[] = [
  /\b(?:notNow|busy|callConflict|conflict)\(\s*'([a-z0-9_]+)'/g,
  /\bbadParam\(\s*[^,]+,\s*'([a-z0-9_]+)'/g,
  /\bbad\('([a-z0-9_]+)'/g,
  /\bproblem\(\s*\d{3},\s*'[a-z_]+',\s*'([a-z0-9_]+)'/g,
  /type(?:: '[a-z_]+_error')?,\s*code: '([a-z0-9_]+)'/g,
  // Passed on by name: the call side's refusals, a store that fails, a charge that never left.
  /readonly code:\s*((?:\|?\s*'[a-z0-9_]+'\s*)+);/g,
  /readonly code = '([a-z0-9_]+)'/g,
  /kind: 'not_sent', code: '([a-z0-9_]+)'/g,
];

const sourceText = SOURCES.flatMap((folder) =>
  readdirSync(join(repoRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|testing\/|test-support\//.test(file))
    .map((file) => readFileSync(join(repoRoot, folder, file), 'utf8')),
).join('\n');

const made = new Set(
  MADE_BY.flatMap((pattern) =>
    [...sourceText.matchAll(pattern)].flatMap(([, found = '']) =>
      found.includes("'") ? [...found.matchAll(/'([a-z0-9_]+)'/g)].map(([, each = '']) => each) : [found],
    ),
  ),
);

const page = readFileSync(join(repoRoot, 'docs/api/errors.md'), 'utf8');
const entries = [...page.matchAll(/^### ([a-z0-9_]+)$/gm)].map(([, code = '']) => code);

describe('docs/api/errors.md', () => {
  it('is held against the codes of the source, which are found', () => {
    for (const code of [
      'invalid_credential',
      'malformed_json',
      'not_ready',
      'session_exists',
      'internal_error',
    ]) {
      expect(made).toContain(code);
    }
  });

  it('has an entry for every code that the API can answer', () => {
    expect([...made].filter((code) => !entries.includes(code))).toEqual([]);
  });

  it('has no entry for a code that is gone, and none twice', () => {
    expect(entries.filter((code) => !made.has(code))).toEqual([]);
    expect(new Set(entries).size).toBe(entries.length);
  });
});
