import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decodeWav } from '@sordino/testkit';
import { FLAVOUR_TIMEOUT_MS, failuresOf, runDemo } from './support/run-demo.ts';

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
