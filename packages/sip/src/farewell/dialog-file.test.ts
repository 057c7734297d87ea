import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Log, silentLog } from '@sordino/core';
import { openDialogFile } from './dialog-file.ts';
import { readDialogFile, settleDialogFile } from './read-dialog-file.ts';
import type { StoredLeg } from './stored-leg.ts';
import { aStoredLeg } from './test-support/stored-legs.ts';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sordino-dialogs-'));
  file = join(directory, 'dialogs.jsonl');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const endpoint = { listen: [{ protocol: 'udp', host: '192.0.2.1', port: 5060 }] } as const;
const idsOf = (nowMs = 2_000): string[] => readDialogFile(file, nowMs).legs.map(({ id }) => id);

describe('the file of dialogs', () => {
  it('holds the last word on every leg that is not over', () => {
    const dialogs = openDialogFile(file, silentLog);
    dialogs.write([
      { endpoint },
      { leg: aStoredLeg({ state: 'unanswered' }) },
      { leg: aStoredLeg({ id: 'leg-b' }) },
    ]);
    dialogs.write([
      { leg: aStoredLeg({ state: 'confirmed' }) },
      { over: 'leg-b' },
      { over: 'never-heard-of' },
    ]);
    expect(readDialogFile(file, 2_000)).toEqual({
      endpoint,
      legs: [aStoredLeg({ state: 'confirmed' })],
      handedBack: [],
      torn: 0,
    });
  });

  it('is for its owner only', () => {
    openDialogFile(file, silentLog);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('writes nothing where nothing has changed', () => {
    const dialogs = openDialogFile(file, silentLog);
    dialogs.write([{ leg: aStoredLeg() }]);
    const before = readFileSync(file, 'utf8');
    dialogs.write([{ leg: aStoredLeg() }]);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('is gone after an ordered end, and a file that is not there holds nothing', () => {
    const dialogs = openDialogFile(file, silentLog);
    dialogs.write([{ endpoint }, { leg: aStoredLeg() }]);
    dialogs.close();
    expect(() => statSync(file)).toThrow('ENOENT');
    expect(readDialogFile(file, 2_000)).toEqual({ endpoint: undefined, legs: [], handedBack: [], torn: 0 });
  });

  it('begins anew for a new process, and knows nothing of the one before', () => {
    openDialogFile(file, silentLog).write([{ leg: aStoredLeg() }]);
    writeFileSync(`${file}.new`, 'what a process left half done');
    openDialogFile(file, silentLog);
    expect(idsOf()).toEqual([]);
  });

  it('stays small, however many calls come and go', () => {
    const dialogs = openDialogFile(file, silentLog);
    dialogs.write([{ endpoint }, { leg: aStoredLeg({ id: 'stays' }) }]);
    let largest = 0;
    for (let call = 0; call < 20_000; call += 1) {
      dialogs.write([{ leg: aStoredLeg({ id: `leg-${call}` }) }]);
      dialogs.write([{ over: `leg-${call}` }]);
      if (call % 1_000 === 0) largest = Math.max(largest, statSync(file).size);
    }
    expect(largest).toBeLessThan(5 * 1024 * 1024);
    expect(idsOf()).toEqual(['stays']);
    expect(readDialogFile(file, 2_000).endpoint).toEqual(endpoint);
  });

  it('is not written anew with each change where more lives than it holds at other times', () => {
    const dialogs = openDialogFile(file, silentLog);
    const target = `sip:${'x'.repeat(5_000)}@192.0.2.7`;
    const inodes = new Set<number>();
    for (let call = 0; call < 1_500; call += 1) {
      dialogs.write([{ leg: aStoredLeg({ id: `leg-${call}`, target }) }]);
      inodes.add(statSync(file).ino);
    }
    expect(inodes.size).toBeLessThanOrEqual(3);
    expect(idsOf()).toHaveLength(1_500);
  });

  it('forgets legs that are older than any call', () => {
    openDialogFile(file, silentLog).write([{ leg: aStoredLeg({ sinceMs: 1_000 }) }]);
    expect(idsOf(4 * 3_600_000)).toEqual(['leg-a']);
    expect(idsOf(4 * 3_600_000 + 2_000)).toEqual([]);
  });

  it('tells after a farewell which calls are back, and of no leg any more', () => {
    openDialogFile(file, silentLog).write([{ endpoint }, { leg: aStoredLeg() }]);
    settleDialogFile(file, ['ses_1']);
    expect(readDialogFile(file, 2_000)).toMatchObject({ legs: [], handedBack: ['ses_1'], torn: 0 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('a disk that takes nothing', () => {
  it('costs no call: it is said once, and all is written when it takes again', async () => {
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (message) => void errors.push(message) };
    const dialogs = openDialogFile(file, log);
    dialogs.write([{ endpoint }, { leg: aStoredLeg() }]);
    // The next file cannot be made where a folder has its name.
    while (statSync(file).size <= 4 * 1024 * 1024) dialogs.write([{ over: 'y'.repeat(5_000) }]);
    await mkdir(`${file}.new/in-the-way`, { recursive: true });
    dialogs.write([{ leg: aStoredLeg({ id: 'leg-b' }) }]);
    dialogs.write([{ leg: aStoredLeg({ id: 'leg-c' }) }]);
    expect(errors).toEqual([
      'dialogs cannot be stored: should this process die, the guardian cannot hand its calls back',
    ]);
    await rm(`${file}.new`, { recursive: true });
    dialogs.write([]);
    expect(idsOf()).toEqual(['leg-a', 'leg-b', 'leg-c']);
    expect(readDialogFile(file, 2_000).endpoint).toEqual(endpoint);
  });
});

describe('lines that cannot be read', () => {
  const good = JSON.stringify({ leg: aStoredLeg() });
  const broken = (over: object): string => JSON.stringify({ leg: { ...aStoredLeg({ id: 'bad' }), ...over } });

  it.each<[string, string]>([
    ['torn', good.slice(0, 100)],
    ['torn in the middle of a letter', `${good.slice(0, 100)}\xc3`],
    ['zeros', '\0\0\0\0\0\0'],
    ['no object', '17'],
    ['a list', '[]'],
    ['null', 'null'],
    ['of another version', '{"dialogs":2}'],
    ['a leg that is none', '{"leg":null}'],
    ['without a Call-ID', broken({ callId: undefined })],
    ['a line that would break out of its header', broken({ remote: '<sip:a>\r\nX-Evil: 1' })],
    ['a route that would', broken({ routes: ['<sip:a>\nVia: x'] })],
    ['a number that is a text', broken({ cseq: '3' })],
    ['a state that nobody knows', broken({ state: 'dreaming' })],
    ['a role that nobody knows', broken({ role: 'ua' })],
    ['no address', broken({ address: { host: 'x' } })],
    ['a label without a call', broken({ label: { role: 'leg5_in' } })],
    [
      'a Refer-To that would break out',
      broken({ label: { call: 'ses_1', role: 'leg5_in', giveBackTo: 'sip:a\r\nX: y' } }),
    ],
    [
      'Vias that are no list',
      broken({ vias: 'SIP/2.0/UDP x' } satisfies Partial<Record<keyof StoredLeg, unknown>>),
    ],
  ])('%s: it is counted, and costs no other', (_what, line) => {
    writeFileSync(file, `${good}\n${line}\n${JSON.stringify({ leg: aStoredLeg({ id: 'leg-z' }) })}\n`);
    const { legs, torn } = readDialogFile(file, 2_000);
    expect([legs.map(({ id }) => id), torn]).toEqual([['leg-a', 'leg-z'], 1]);
  });

  it('a last line that was being written', () => {
    openDialogFile(file, silentLog).write([{ leg: aStoredLeg() }]);
    appendFileSync(file, JSON.stringify({ over: 'leg-a' }).slice(0, -3));
    expect([idsOf(), readDialogFile(file, 2_000).torn]).toEqual([['leg-a'], 1]);
  });
});
