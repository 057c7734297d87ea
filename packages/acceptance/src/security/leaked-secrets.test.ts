import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { makeApiKey } from '@sordino/app-payments';
import { repoRoot } from '../repo-root.ts';

/** Credentials as they look: of ours, of the gateways that we speak to, and keys in PEM. */
const SECRETS =
  /\b(?:sk|rk|cpk|spk)_(?:live|test)_[0-9A-Za-z]{20,}|\bagt_[0-9A-Za-z]{20,}|\bses_[0-9a-z]{20,}_secret_[0-9A-Za-z]{16,}|\bwhsec_[0-9A-Za-z+/]{24,}={0,2}|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[0-9A-Za-z+/=\s]{64,}/g;
/** Random text of this length has at least so many different characters; an example that a person typed has fewer. */
const DIFFERENT_MIN = 12;
const FILE_BYTES_MAX = 2_000_000;

/** What of a file could be a secret and not an example. */
function secretsIn(text: string): string[] {
  return (text.match(SECRETS) ?? []).filter((found) => {
    const body = found.replace(/^.*?_(?:live|test|secret)?_?|-----[^-]*-----/, '');
    return new Set(body).size >= DIFFERENT_MIN;
  });
}

const files = execFileSync('git', ['ls-files', '-z'], { cwd: repoRoot, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(repoRoot, file)))
  .filter((file) => statSync(join(repoRoot, file)).size <= FILE_BYTES_MAX);

describe('the repository', () => {
  it('holds no API key, token, webhook secret or private key', () => {
    expect(files.length).toBeGreaterThan(500);
    const leaks = files.filter((file) => secretsIn(readFileSync(join(repoRoot, file), 'latin1')).length > 0);
    expect(leaks).toEqual([]);
  });

  it('would be caught with one (control)', () => {
    const planted = [
      makeApiKey(true, randomBytes),
      makeApiKey(false, randomBytes),
      `whsec_${Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7)).toString('base64')}`,
      `-----BEGIN PRIVATE ${'KEY'}-----\n${Buffer.from(Array.from({ length: 64 }, (_, at) => at * 5)).toString('base64')}`,
    ];
    for (const secret of planted) expect([secret, secretsIn(`key: ${secret}\n`).length]).toEqual([secret, 1]);
    expect(secretsIn('sk_test_00000000000000000000000aaa')).toEqual([]);
  });
});
