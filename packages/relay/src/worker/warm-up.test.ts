import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const program = join(import.meta.dirname, '../test-support/one-call-after-another.mjs');

const layoutsAfter = (how: 'cold' | 'warm'): unknown =>
  JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', '--allow-natives-syntax', program, how], {
      encoding: 'utf8',
    }),
  );

describe('the warm-up of a worker', () => {
  it('has the classes of a call laid out for good, though calls come one after another', () => {
    expect(layoutsAfter('cold')).toEqual({ stripper: false, subBand: false });
    expect(layoutsAfter('warm')).toEqual({ stripper: true, subBand: true });
  });
});
