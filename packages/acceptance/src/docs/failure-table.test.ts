import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FAULT_NAMES } from '@sordino/core';
import { repoRoot } from '../repo-root.ts';

/** Every failure of each leg at each stage that was ever planned for. A row may not vanish from the page. */
const PLANNED = [
  'before 5: no INVITE within `timeout_ms`',
  'before 5: the platform refuses the REFER, or nothing follows it',
  'inviting: token unknown, used or ambiguous',
  'inviting: no common codec or crypto',
  'inviting: overload, draining',
  'inviting: leg 7 refused, or no answer in 2 s',
  'inviting: platform CANCELs 5',
  'after commit: ACK on 5 lost',
  'after commit: no customer media in 5 s',
  'after commit: 491 or glare on a re-INVITE',
  'engaged: customer RTP stops for 2 s, for 5 s',
  'engaged: keys heard on the wrong transport',
  'engaged: the mask fails: a key tone, or no audio, is to leave on leg 7',
  'engaged: platform BYEs 7 (agent gone)',
  'engaged: platform BYEs 5 (customer gone)',
  'engaged: re-INVITE on 5 or 7 (hold, codec, new address)',
  'engaged: REFER on 5 or 7',
  'engaged: session refresh late, 408 or 481',
  'engaged: a relay worker dies',
  'engaged: the service dies or hangs',
  'processing: gateway slow, or its answer lost',
  'processing: the call drops',
  'restoring: platform never takes the customer back',
  'any: API or storage down',
];

interface Row {
  readonly name: string;
  readonly tests: readonly { readonly file: string; readonly title: string }[];
  readonly ladders: readonly string[];
  readonly faults: readonly string[];
}

/** Stage and what fails, what we do, the call, the API; then the columns that are held against the tree. */
const COLUMNS = 8;

function rowsOf(page: string): readonly Row[] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| stage |'))
    .map((line) => {
      const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
      if (cells.length !== COLUMNS) throw new Error(`a row of ${cells.length} cells: ${line}`);
      const [stage = '', what = '', , , , tests = '', ladders = '', faults = ''] = cells;
      return {
        name: `${stage}: ${what}`,
        tests: [...tests.matchAll(/`([^`]+)` \*([^*]+)\*/g)].map(([, file = '', title = '']) => ({
          file,
          title,
        })),
        ladders: [...ladders.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file),
        faults: [...faults.matchAll(/`([^`]+)`/g)].map(([, fault = '']) => fault),
      };
    });
}

const rows = rowsOf(readFileSync(join(repoRoot, 'docs/operations/failures.md'), 'utf8'));
const acceptance = join(repoRoot, 'packages/acceptance/src');

describe('docs/operations/failures.md', () => {
  it('has a row for every failure that was planned for, and no other', () => {
    expect(rows.map(({ name }) => name)).toEqual(PLANNED);
  });

  it.each(rows.map((row) => [row.name, row] as const))('%s: has tests, by their titles', (_, { tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const { file, title } of tests) {
      expect(readFileSync(join(acceptance, `${file}.test.ts`), 'utf8')).toContain(title);
    }
  });

  it.each(rows.map((row) => [row.name, row] as const))('%s: has a ladder', (_, { ladders }) => {
    expect(ladders.length).toBeGreaterThan(0);
    expect(ladders.filter((file) => !existsSync(join(acceptance, file)))).toEqual([]);
  });

  it('names every fault that can be rehearsed once, each row at least one', () => {
    expect(rows.filter(({ faults }) => faults.length === 0)).toEqual([]);
    expect(rows.flatMap(({ faults }) => faults).sort()).toEqual([...FAULT_NAMES].sort());
  });

  it('sees a row that lacks something (control)', () => {
    const [row] = rowsOf('| a | b | c | d | e | `failures/leg7` *x* | none |  |');
    expect(row).toMatchObject({ tests: [{ file: 'failures/leg7', title: 'x' }], ladders: [], faults: [] });
  });
});

describe('each fault', () => {
  const rehearsals = ['before-the-commit', 'asking', 'engaged', 'charging', 'process-killed']
    .map((file) => readFileSync(join(acceptance, `rehearsals/${file}.test.ts`), 'utf8'))
    .join('\n');

  it.each(FAULT_NAMES)('%s is rehearsed on a live call', (fault) => {
    expect(rehearsals).toContain(`'${fault}'`);
  });
});
