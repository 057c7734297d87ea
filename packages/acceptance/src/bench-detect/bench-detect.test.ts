import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repoRoot } from '../repo-root.ts';

interface Report {
  readonly figures: Readonly<Record<string, { readonly value: number; readonly baseline: number }>>;
  readonly failures: readonly string[];
}

/** A process of its own: signal processing is ten times slower inside Jest. */
async function benchDetect(...flags: string[]): Promise<Report> {
  const scratch = await mkdtemp(join(tmpdir(), 'sordino-detect-'));
  try {
    const report = join(scratch, 'report.json');
    const program = join(repoRoot, 'packages/acceptance/dist/bench-detect/main.js');
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, [program, ...flags, '--report', report], (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    const text = await readFile(report, 'utf8').catch(() => {
      throw new Error(`bench:detect wrote no report: ${said}`);
    });
    return JSON.parse(text) as Report;
  } finally {
    await rm(scratch, { recursive: true });
  }
}

describe('bench:detect', () => {
  it('finds keys after ITU-T Q.24 ahead of spandsp, after GSM too, and none in voices', async () => {
    const { failures, figures } = await benchDetect('--short');
    expect(failures).toEqual([]);
    expect(figures.accept_g711_pct?.value).toBeGreaterThanOrEqual(99);
    expect(figures.accept_gsm_pct?.value).toBeGreaterThanOrEqual(98);
    expect(figures.reject_reported_pct?.value).toBeLessThanOrEqual(
      figures.reject_reported_pct?.baseline ?? 0,
    );
    expect(figures.false_digits?.value).toBe(0);
    expect(figures.speech_masked_pct?.value).toBeLessThanOrEqual(0.1);
    // A corpus that a switch's receiver heard nothing of, or all, would prove nothing.
    expect(figures.accept_g711_pct?.baseline).toBeGreaterThan(70);
    expect(figures.accept_g711_pct?.baseline).toBeLessThan(99);
  }, 60_000);
});
