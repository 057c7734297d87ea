import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lineDiff } from './line-diff.ts';

/** Run tests with this set to 1 to write ladder files instead of comparing with them; then read what changed. */
export const UPDATE_LADDERS = 'UPDATE_LADDERS';

/**
 * Compares a ladder's shape with the text file beside a test, e.g.
 * `expectLadder(ladder.shape(), new URL('./engage.ladder.txt', import.meta.url))`; throws with a diff if they differ.
 */
export function expectLadder(actual: string, file: URL): void {
  const path = fileURLToPath(file);
  if (process.env[UPDATE_LADDERS] === '1') {
    writeFileSync(path, actual);
    return;
  }
  if (!existsSync(path)) {
    throw new Error(
      `${basename(path)} does not exist: run with ${UPDATE_LADDERS}=1 to write it. The ladder is\n${actual}`,
    );
  }
  const expected = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  if (expected === actual) return;
  const diff = lineDiff(expected, actual);
  throw new Error(`the call differs from ${basename(path)} (- expected, + happened):\n${diff}`);
}
