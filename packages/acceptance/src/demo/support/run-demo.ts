import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repoRoot } from '../../repo-root.ts';

const main = join(repoRoot, 'apps/sordino/dist/main.js');

/** Three payments of some 12 s of talking and keying, a cold start of six processes, and a machine that is busy with others. */
export const FLAVOUR_TIMEOUT_MS = 180_000;

interface Report {
  readonly status: string;
  readonly auth_code: string | null;
  readonly topology: string;
  readonly cycles: number;
  readonly digits: { readonly sent: number; readonly captured: number; readonly readable_on_leg7: number };
  readonly telephone_events_on_leg7: number;
  readonly legs: readonly {
    readonly role: string;
    readonly cycle: number;
    readonly states: readonly { state: string; at_ms: number }[];
  }[];
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly seen: string;
    readonly timed: boolean;
  }[];
}

interface DemoRun extends AsyncDisposable {
  readonly status: number;
  readonly output: string;
  readonly report: Report;
  readonly out: string;
}

export async function runDemo(...flags: string[]): Promise<DemoRun> {
  const out = await mkdtemp(join(tmpdir(), 'sordino-flavour-'));
  const { stdout, status } = await promisify(execFile)(process.execPath, [
    main,
    'demo',
    '--out',
    out,
    ...flags,
  ]).then(
    (done) => ({ ...done, status: 0 }),
    (failed: { stdout: string; stderr: string; code: number }) => ({
      stdout: `${failed.stdout}\n${failed.stderr}`,
      status: failed.code,
    }),
  );
  const report: Report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8').catch(() => '{}'));
  return {
    status,
    output: stdout,
    report,
    out,
    [Symbol.asyncDispose]: () => rm(out, { recursive: true }),
  };
}

/**
 * Every check by name that failed, but for those that measure milliseconds: no test of ours asserts wall-clock time, for the
 * machine may stand still at any moment. The demo itself holds them, and says so in its exit status.
 */
export function failuresOf({ status, report, output }: DemoRun): unknown {
  if (report.checks === undefined) return output.slice(-2_000);
  const failed = report.checks.filter(({ ok }) => !ok);
  const wrong = failed.filter(({ timed }) => !timed).map(({ name, seen }) => `${name}: ${seen}`);
  const isStatusRight = (status === 0) === (failed.length === 0);
  return isStatusRight && wrong.length === 0 ? [] : { status, wrong };
}
