import { generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type LogFields, silentLog } from '@sordino/core';
import { type AuditEntry, type AuditFact, entryHash } from './entry.ts';
import type { AuditQuery } from './list.ts';
import { readPublicKey } from './signing-key.ts';
import { type AuditTrail, openAuditTrail } from './trail.ts';
import { type KnownCheckpoint, verifyAudit } from './verify.ts';

const DAY_MS = 86_400_000;
const clock = { nowMs: 0, wallMs: () => clock.nowMs, monotonicMs: () => clock.nowMs };
let directory = '';

beforeEach(() => {
  clock.nowMs = Date.UTC(2026, 10, 22, 23, 59);
  directory = mkdtempSync(join(tmpdir(), 'sordino-audit-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (keepDays = 366): AuditTrail => openAuditTrail({ directory, keepDays, clock, log: silentLog });

const aFact = (change: Partial<AuditFact> = {}): AuditFact => ({
  action: 'GET /v1/sessions/:id',
  actor: 'api_key key_1',
  tenant: 'acme',
  session: 'ses_a',
  source: '192.0.2.7',
  outcome: 'HTTP 200',
  request: 'req_1',
  ...change,
});

/** `count` accesses in one run of a process. */
function write(count: number, change: Partial<AuditFact> = {}): void {
  const trail = open();
  for (let n = 0; n < count; n += 1) trail.record(aFact({ request: `req_${n}`, ...change }));
  trail.close();
}

const files = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
const pathOf = (name = files()[0] ?? ''): string => join(directory, name);
const linesOf = (name?: string): string[] => readFileSync(pathOf(name), 'utf8').trimEnd().split('\n');
const verify = (known?: KnownCheckpoint) => verifyAudit(directory, readPublicKey(directory), known);

describe('the trail', () => {
  it('is one chain over processes and days', () => {
    write(3);
    clock.nowMs += 2 * 60_000;
    write(2);
    expect(files()).toEqual(['audit-2026-11-22.jsonl', 'audit-2026-11-23.jsonl']);
    expect(verify()).toMatchObject({ ok: true, entries: 5, first: 1, last: 5, checkpoints: 2, unsigned: 0 });
  });

  it('signs when a day is over, and every thousand records', () => {
    const trail = open();
    for (let n = 0; n < 1_001; n += 1) trail.record(aFact());
    expect(verify()).toMatchObject({ ok: true, checkpoints: 1, unsigned: 1 });
    clock.nowMs += DAY_MS;
    trail.record(aFact());
    expect(verify()).toMatchObject({ ok: true, entries: 1_002, checkpoints: 2, unsigned: 1 });
    trail.close();
  });

  it('is for its owner only, like its key', () => {
    write(1);
    for (const name of [files()[0] ?? '', 'audit-signing-key.pem'])
      expect(statSync(pathOf(name)).mode & 0o077).toBe(0);
  });

  it('goes on behind a line that a dying process had begun', () => {
    write(2);
    appendFileSync(pathOf(), '{"n":3,"at":"2026-');
    write(1);
    expect(verify()).toMatchObject({ ok: true, entries: 3 });
  });

  it('is not continued where it is damaged: that is for a person to see first', () => {
    write(2);
    appendFileSync(pathOf(), 'something else\n');
    expect(open).toThrow(/is damaged: run "sordino audit verify"/);
  });

  it('forgets days that are too old, and still verifies from there on', () => {
    for (let day = 0; day < 5; day += 1) {
      const trail = open(3);
      trail.record(aFact());
      trail.close();
      clock.nowMs += DAY_MS;
    }
    expect(files()[0]).toBe('audit-2026-11-23.jsonl');
    expect(verify()).toMatchObject({ ok: true, entries: 4, first: 2, last: 5 });
  });

  it('tells the accesses of one session, from its first day on', async () => {
    write(2);
    clock.nowMs += DAY_MS;
    write(1, { session: 'ses_b' });
    write(1, { action: 'POST /v1/sessions/:id/confirm' });
    const trail = open();
    const found = await trail.ofSession('ses_a', clock.nowMs - DAY_MS);
    expect(found.map(({ n, action }) => `${n} ${action.split(' ')[0]}`)).toEqual([
      '1 GET',
      '2 GET',
      '4 POST',
    ]);
    expect(await trail.ofSession('ses_a', clock.nowMs)).toHaveLength(1);
    expect(await trail.ofSession('ses_none', 0)).toEqual([]);
    trail.close();
  });

  it('is listed newest first, for one tenant and mode, page by page over days', async () => {
    const facts = ['acme', 'acme', 'other', 'acme', 'acme'] as const;
    const trail = open();
    for (const [n, tenant] of facts.entries()) {
      trail.record(
        aFact({ tenant, livemode: n === 3, request: `req_${n}`, session: n === 0 ? 'ses_b' : 'ses_a' }),
      );
      clock.nowMs += DAY_MS / 2;
    }
    trail.record(aFact({ request: 'without a mode' }));
    const list = async (query: Partial<AuditQuery> = {}) => {
      const page = await trail.list({ tenant: 'acme', livemode: false, limit: 10, ...query });
      return [page.data.map(({ request }) => request), page.hasMore];
    };
    expect(await list()).toEqual([['req_4', 'req_1', 'req_0'], false]);
    expect(await list({ limit: 2 })).toEqual([['req_4', 'req_1'], true]);
    expect(await list({ limit: 2, before: 2 })).toEqual([['req_0'], false]);
    expect(await list({ livemode: true })).toEqual([['req_3'], false]);
    expect(await list({ tenant: 'acm' })).toEqual([[], false]);
    expect(await list({ session: 'ses_b' })).toEqual([['req_0'], false]);
    const first = Date.UTC(2026, 10, 22, 23, 59);
    expect(await list({ sinceMs: first + 1 })).toEqual([['req_4', 'req_1'], false]);
    expect(await list({ untilMs: first })).toEqual([['req_0'], false]);
    trail.close();
    expect(verify()).toMatchObject({ ok: true, entries: 6 });
  });

  it('of nothing is whole', () => {
    open().close();
    expect(verify()).toMatchObject({ ok: true, entries: 0, last: undefined });
  });
});

describe('verifying finds the first record that is not as it was written', () => {
  const changed = (line: string, change: Partial<AuditEntry>): string => {
    const { hash: _, ...entry } = { ...(JSON.parse(line) as AuditEntry), ...change };
    return JSON.stringify({ ...entry, hash: entryHash(entry) });
  };

  it.each<[string, (lines: string[]) => string[], number, RegExp]>([
    [
      'a value is changed',
      (lines) => lines.map((line, at) => (at === 2 ? line.replace('HTTP 200', 'HTTP 403') : line)),
      3,
      /record 3 was changed/,
    ],
    [
      'a value is changed, and its hash with it',
      (lines) => lines.map((line, at) => (at === 2 ? changed(line, { outcome: 'HTTP 403' }) : line)),
      4,
      /record 4 does not continue record 3/,
    ],
    ['a record is taken out', (lines) => lines.filter((_line, at) => at !== 2), 3, /missing, doubled or out/],
    [
      'a record is doubled',
      (lines) => lines.flatMap((line, at) => (at === 2 ? [line, line] : [line])),
      4,
      /doubled/,
    ],
    [
      'two change places',
      (lines) => [lines[0], lines[2], lines[1], ...lines.slice(3)].map(String),
      2,
      /out of order/,
    ],
    [
      'the last record is changed, and its hash with it',
      (lines) => lines.map((line, at) => (at === 4 ? changed(line, { outcome: 'HTTP 403' }) : line)),
      6,
      /checkpoint 5 is not of the record before it/,
    ],
    ['the first is taken out', (lines) => lines.slice(1), 0, /^$/],
    [
      'something is added to a line',
      (lines) => lines.map((line, at) => (at === 1 ? line.replace('{', '{"note":"","') : line)),
      2,
      /no record of an audit trail/,
    ],
    [
      'a member is put in',
      (lines) => lines.map((line, at) => (at === 1 ? line.replace('{', '{"note":"",') : line)),
      2,
      /no record of an audit trail/,
    ],
    [
      'a checkpoint is forged',
      (lines) => [...lines.slice(0, -1), String(lines.at(-1)).replace(/"signature":"../, '"signature":"AA')],
      6,
      /checkpoint 5 was not signed by this key/,
    ],
  ])('when %s', (_what, tamper, line, problem) => {
    write(5);
    writeFileSync(pathOf(), `${tamper(linesOf()).join('\n')}\n`);
    const verdict = verify();
    // Whoever takes whole records from the front leaves what an old file that went leaves: it begins at 2, and says so.
    if (line === 0) expect(verdict).toMatchObject({ ok: true, first: 2 });
    else expect(verdict).toMatchObject({ ok: false, line, problem: expect.stringMatching(problem) });
  });

  it('when any one byte of it is another', () => {
    write(3);
    const whole = readFileSync(pathOf());
    const unseen: number[] = [];
    for (let at = 0; at < whole.length; at += 1) {
      const bent = Buffer.from(whole);
      // The lowest bit makes another digit of a digit, another letter of a letter.
      bent[at] = (whole[at] ?? 0) ^ 1;
      writeFileSync(pathOf(), bent);
      if (verify().ok) unseen.push(at);
    }
    expect(unseen).toEqual([]);
  });

  it('when the end was cut off, if it was noted down', () => {
    write(5);
    const whole = verify();
    if (!whole.ok) throw new Error(whole.problem);
    const noted = { n: whole.last ?? 0, hash: whole.hash ?? '' };
    expect(verify(noted)).toMatchObject({ ok: true });
    writeFileSync(pathOf(), `${linesOf().slice(0, 3).join('\n')}\n`);
    expect(verify()).toMatchObject({ ok: true, last: 3, unsigned: 3 });
    expect(verify(noted)).toMatchObject({
      ok: false,
      problem: 'the trail ends before record 5, which was noted down',
    });
  });

  it('when the whole trail was written anew with another key', () => {
    write(5);
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(verifyAudit(directory, publicKey)).toMatchObject({ ok: false, line: 6 });
  });
});

describe('a year of it', () => {
  const DAYS = 400;

  it('is there: three months as text, the rest packed, older ones gone; the chain goes through all of them', async () => {
    const trail = open();
    for (let day = 0; day < DAYS; day += 1) {
      trail.record(aFact({ session: day === 100 || day === 390 ? 'ses_b' : 'ses_a', request: `req_${day}` }));
      clock.nowMs += DAY_MS;
    }
    await trail.packed();
    clock.nowMs -= DAY_MS;
    trail.close();
    const names = readdirSync(directory).filter((name) => name.startsWith('audit-2'));
    expect(names).toHaveLength(367);
    expect(names.filter((name) => name.endsWith('.jsonl'))).toHaveLength(93);
    for (const name of names) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(verify()).toMatchObject({ ok: true, entries: 367, last: DAYS });

    const again = open();
    expect((await again.ofSession('ses_b', 0)).map(({ request }) => request)).toEqual(['req_100', 'req_390']);
    again.close();
  });

  it('names the day when a packed one was changed', async () => {
    write(3);
    clock.nowMs += 100 * DAY_MS;
    const trail = open();
    trail.record(aFact());
    await trail.packed();
    trail.close();
    const packed = join(directory, 'audit-2026-11-22.jsonl.gz');
    const text = gunzipSync(readFileSync(packed)).toString();
    writeFileSync(packed, gzipSync(text.replace('req_1', 'req_9')));
    expect(verify()).toMatchObject({ ok: false, file: 'audit-2026-11-22.jsonl.gz', line: 2 });
  });

  it('keeps the text of a day whose packing was interrupted', () => {
    write(3);
    const [day = ''] = files();
    writeFileSync(join(directory, `${day}.gz`), 'half of it');
    expect(verify()).toMatchObject({ ok: true, entries: 3 });
  });
});

describe('a disk that is full', () => {
  it('is told once, and again when it is not any more', () => {
    const told: string[] = [];
    const log = {
      ...silentLog,
      error: (_message: string, fields?: LogFields) => told.push(String(fields?.reason)),
      info: (message: string) => told.push(message),
    };
    const trail = openAuditTrail({
      directory,
      keepDays: 366,
      clock,
      log,
      onFailing: () => told.push('failing'),
    });
    trail.record(aFact());
    // What is written tomorrow goes to a device that takes nothing.
    clock.nowMs += DAY_MS;
    const tomorrow = join(directory, 'audit-2026-11-23.jsonl');
    symlinkSync('/dev/full', tomorrow);
    for (let times = 0; times < 3; times += 1) trail.record(aFact());
    expect([trail.failing, told]).toEqual([true, ['ENOSPC', 'failing']]);
    rmSync(tomorrow);
    trail.record(aFact());
    expect([trail.failing, told.at(-1)]).toEqual([false, 'the audit trail can be written again']);
    trail.close();
    expect(verify()).toMatchObject({ ok: true, entries: 3 });
    const [, gap] = linesOf('audit-2026-11-23.jsonl').map((line) => JSON.parse(line) as AuditEntry);
    expect(gap).toMatchObject({ action: 'audit.resumed', actor: 'system' });
    expect(gap?.outcome).toContain('between 2026-11-23T23:59:00.000Z');
  });
});
