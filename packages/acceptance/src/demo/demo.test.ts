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

/** All ways of keying in one call, a payment each: the six processes need longer to start than a payment takes. */
const EVERY_WAY = ['--keys', 'events,inband,both', '--repeat', '3'];
const DIGITS = 3 * 23;

describe('the demo takes three approved payments in one call, keyed as events, in the audio, and as both', () => {
  it.each([
    ['none', 'PCMU'],
    ['customer', 'PCMA'],
    ['platform', 'PCMA'],
  ])(
    'offer %s, %s',
    async (offer, codec) => {
      await using run = await runDemo('--offer', offer, '--codec', codec, ...EVERY_WAY);
      expect(failuresOf(run)).toEqual([]);
      expect(run.report).toMatchObject({
        status: 'approved',
        auth_code: expect.stringMatching(/^[A-Z0-9]{6}$/),
        topology: 'restored',
        cycles: 3,
        digits: { sent: DIGITS, captured: DIGITS, readable_on_leg7: 0 },
        telephone_events_on_leg7: 0,
      });
      expect(run.report.legs.map(({ role, cycle }) => `${role} ${cycle}`)).toEqual(
        [1, 2, 3].flatMap((cycle) =>
          ['leg4_customer', 'leg5_in', 'leg6_media', 'leg7_out', 'leg8_agent'].map(
            (role) => `${role} ${cycle}`,
          ),
        ),
      );
      for (const { states } of run.report.legs) {
        expect([states[0]?.state, states.at(-1)?.state]).toEqual(['idle', 'terminated']);
      }
    },
    FLAVOUR_TIMEOUT_MS,
  );
});

describe('the demo', () => {
  it(
    'hands the call back after a decline, over TCP, and writes everything a person looks at',
    async () => {
      await using run = await runDemo('--card', 'declined', '--transport', 'tcp');
      expect(failuresOf(run)).toEqual([]);
      expect(run.report).toMatchObject({ status: 'declined', auth_code: null, topology: 'restored' });
      expect((await readdir(run.out)).sort()).toEqual([
        'agent-heard.wav',
        'customer-sent.wav',
        'ladder.txt',
        'report.json',
        'spectrogram.png',
      ]);
      const heard = decodeWav(await readFile(join(run.out, 'agent-heard.wav')));
      expect(heard.length / 8_000).toBeGreaterThan(10);
      expect(await readFile(join(run.out, 'ladder.txt'), 'utf8')).toContain('(5) 200 OK INVITE (SDP)');
      expect((await readFile(join(run.out, 'spectrogram.png'))).subarray(1, 4).toString()).toBe('PNG');
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

  it('names a flag that it does not know, and says what there is', async () => {
    await using run = await runDemo('--keys', 'morse');
    expect([run.status, run.output]).toEqual([
      1,
      expect.stringContaining('--keys is morse; it takes events, inband, both'),
    ]);
  });
});
