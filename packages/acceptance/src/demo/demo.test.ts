import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { decodeWav } from '@sordino/testkit';
import { repoRoot } from '../repo-root.ts';

const main = join(repoRoot, 'apps/sordino/dist/main.js');

/** A payment takes some 15 s of talking and keying; a cold start of six processes comes on top. */
const FLAVOUR_TIMEOUT_MS = 120_000;

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

async function runDemo(...flags: string[]): Promise<DemoRun> {
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
function failuresOf({ status, report, output }: DemoRun): unknown {
  if (report.checks === undefined) return output.slice(-2_000);
  const failed = report.checks.filter(({ ok }) => !ok);
  const wrong = failed.filter(({ timed }) => !timed).map(({ name, seen }) => `${name}: ${seen}`);
  const isStatusRight = (status === 0) === (failed.length === 0);
  return isStatusRight && wrong.length === 0 ? [] : { status, wrong };
}

describe('the demo', () => {
  it.each([
    ['none', 'events', 'PCMU'],
    ['none', 'inband', 'PCMA'],
    ['none', 'both', 'PCMU'],
    ['customer', 'events', 'PCMA'],
    ['customer', 'inband', 'PCMU'],
    ['customer', 'both', 'PCMA'],
    ['platform', 'events', 'PCMU'],
    ['platform', 'inband', 'PCMU'],
    ['platform', 'both', 'PCMA'],
  ])(
    'takes an approved payment: offer %s, keys %s, %s',
    async (offer, keys, codec) => {
      await using run = await runDemo('--offer', offer, '--keys', keys, '--codec', codec);
      expect(failuresOf(run)).toEqual([]);
      expect(run.report).toMatchObject({
        status: 'approved',
        auth_code: expect.stringMatching(/^[A-Z0-9]{6}$/),
        topology: 'restored',
        cycles: 1,
        digits: { sent: 23, captured: 23, readable_on_leg7: 0 },
        telephone_events_on_leg7: 0,
      });
    },
    FLAVOUR_TIMEOUT_MS,
  );

  it(
    'hands the call back after a decline, over TCP',
    async () => {
      await using run = await runDemo('--card', 'declined', '--transport', 'tcp');
      expect(failuresOf(run)).toEqual([]);
      expect(run.report).toMatchObject({ status: 'declined', auth_code: null, topology: 'restored' });
    },
    FLAVOUR_TIMEOUT_MS,
  );

  it(
    'takes a payment in a call that Sordino asked for',
    async () => {
      await using run = await runDemo('--start', 'refer');
      expect(failuresOf(run)).toEqual([]);
      expect(run.output).toContain('REFER');
      expect(run.report).toMatchObject({ status: 'approved', topology: 'restored' });
    },
    FLAVOUR_TIMEOUT_MS,
  );

  it(
    'takes two payments in one call, and writes everything a person looks at',
    async () => {
      await using run = await runDemo('--repeat', '2', '--commit', 'after_leg7');
      expect(failuresOf(run)).toEqual([]);
      expect(run.report.cycles).toBe(2);
      expect(run.report.legs.map(({ role, cycle }) => `${role} ${cycle}`)).toEqual(
        [1, 2].flatMap((cycle) =>
          ['leg4_customer', 'leg5_in', 'leg6_media', 'leg7_out', 'leg8_agent'].map(
            (role) => `${role} ${cycle}`,
          ),
        ),
      );
      for (const { states } of run.report.legs) {
        expect([states[0]?.state, states.at(-1)?.state]).toEqual(['idle', 'terminated']);
      }
      expect((await readdir(run.out)).sort()).toEqual([
        'agent-heard.wav',
        'customer-sent.wav',
        'ladder.txt',
        'report.json',
        'spectrogram.png',
      ]);
      const heard = decodeWav(await readFile(join(run.out, 'agent-heard.wav')));
      expect(heard.length / 8_000).toBeGreaterThan(20);
      expect(await readFile(join(run.out, 'ladder.txt'), 'utf8')).toContain('(5) 200 OK INVITE (SDP)');
      expect((await readFile(join(run.out, 'spectrogram.png'))).subarray(1, 4).toString()).toBe('PNG');
    },
    FLAVOUR_TIMEOUT_MS,
  );

  it('names a flag that it does not know, and says what there is', async () => {
    await using run = await runDemo('--keys', 'morse');
    expect([run.status, run.output]).toEqual([
      1,
      expect.stringContaining('--keys is morse; it takes events, inband, both'),
    ]);
  });
});
