import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Log, silentLog } from '@sordino/core';
import { aFinishedSession, anEvent, aSession, sessionId } from '../testing/builders.ts';
import { describePaymentStore, SetClock } from '../testing/contract-suite.ts';
import { type JournalFile, openForAppend } from './file.ts';
import { openJournalStore } from './journal-store.ts';
import { decodeLine, encodeLine, HEADER } from './line.ts';

const clock = new SetClock();
const directories: string[] = [];

async function aDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sordino-store-'));
  directories.push(directory);
  return directory;
}

afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

const open = (directory: string, more: Partial<Parameters<typeof openJournalStore>[0]> = {}) =>
  openJournalStore({ directory, clock, log: silentLog, fsync: false, ...more });

const journalOf = (directory: string) => join(directory, 'journal.jsonl');

describePaymentStore('the journal store', () => {
  let options: Parameters<typeof openJournalStore>[0];
  return {
    open: async (clock, retention) => {
      const directory = await aDirectory();
      options = { directory, clock, log: silentLog, fsync: false, ...(retention && { retention }) };
      return openJournalStore(options);
    },
    reopen: async (store) => {
      await store.close();
      return openJournalStore(options);
    },
    dispose: async () => {},
  };
});

/** Three sessions in one directory, closed. */
async function aJournal(): Promise<string> {
  const directory = await aDirectory();
  const store = await open(directory);
  for (const name of ['a', 'b', 'c'])
    await store.commit({ session: aSession(name), events: [anEvent(name, 1)] });
  await store.close();
  return directory;
}

describe('a journal that ends in the middle of a write', () => {
  it('is cut back to the last whole commit, whichever byte it stopped at', async () => {
    const directory = await aJournal();
    const path = journalOf(directory);
    const whole = await readFile(path);
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let cut = lastLine + 1; cut < whole.length; cut += 37) {
      await writeFile(path, whole.subarray(0, cut));
      const store = await open(directory);
      expect(store.session(sessionId('b'))).toBeDefined();
      expect(store.session(sessionId('c'))).toBeUndefined();
      await store.commit({ session: aSession('c2') });
      await store.close();
      const again = await open(directory);
      expect(again.session(sessionId('c2'))).toBeDefined();
      await again.close();
    }
  });

  it('says so in the log and keeps a copy of what it cut', async () => {
    const directory = await aJournal();
    await appendFile(journalOf(directory), '{"n":4,"synced":3,"su');
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };
    await (await open(directory, { log })).close();
    expect(warnings.join()).toMatch(/torn/);
    expect(await readFile(`${journalOf(directory)}.torn`, 'utf8')).toContain('"su');
  });

  it('survives a header that was cut short and an empty file', async () => {
    for (const left of [0, 10]) {
      const directory = await aJournal();
      await truncate(journalOf(directory), left);
      const store = await open(directory);
      expect(store.openSessions()).toEqual([]);
      await store.close();
    }
  });

  it('also cuts a batch of which an early line is damaged and a later one whole: none was acknowledged', async () => {
    const directory = await aJournal();
    const change = (name: string) => JSON.stringify({ session: aSession(name) });
    const torn = encodeLine(4, 3, change('d')).replace('awaiting', '\0\0\0\0\0\0\0\0');
    await appendFile(journalOf(directory), torn + encodeLine(5, 3, change('e')));
    const store = await open(directory);
    expect(store.openSessions().map((session) => session.id)).toEqual(['ses_a', 'ses_b', 'ses_c']);
    await store.close();
  });
});

describe('a journal that is damaged where it had been safe', () => {
  it.each([
    ['a flipped letter', (line: string) => line.replace('awaiting', 'awaitinG')],
    ['a lost line', () => ''],
    ['a doubled line', (line: string) => line + line],
    ['zeros', (line: string) => `${'\0'.repeat(line.length - 1)}\n`],
  ])('is refused with file, line and remedy: %s', async (_case, damage) => {
    const directory = await aJournal();
    const path = journalOf(directory);
    const lines = (await readFile(path, 'utf8')).split(/(?<=\n)/);
    lines[2] = damage(lines[2] ?? '');
    await writeFile(path, lines.join(''));
    const refusal = open(directory);
    await expect(refusal).rejects.toMatchObject({ name: 'StoreError', code: 'corrupt' });
    await expect(refusal).rejects.toThrow(/journal\.jsonl line [34] .*[Rr]estore the file from a backup/s);
    // Refused means untouched: the operator still has every byte, and the lock is free.
    expect(await readFile(path, 'utf8')).toBe(lines.join(''));
    expect(await readdir(directory)).toEqual(['journal.jsonl']);
  });

  it('is refused when its first line is not our header', async () => {
    const directory = await aJournal();
    await writeFile(journalOf(directory), '{"journal":"sordino payments","version":2}\n');
    await expect(open(directory)).rejects.toMatchObject({ code: 'foreign' });
  });

  it('reads no line with a wrong number, sum or shape', () => {
    const line = encodeLine(1, 0, '{}').trimEnd();
    expect(decodeLine(line)).toEqual({ n: 1, synced: 0, change: {} });
    const bad = [
      '',
      '{}',
      line.slice(1),
      `${line} `,
      line.replace('"n":1', '"n":2'),
      line.replace('{}', '[]'),
    ];
    for (const text of bad) expect(decodeLine(text)).toBeUndefined();
  });
});

describe('one journal, one writer', () => {
  it('refuses a second store in the same process and names the holder', async () => {
    const directory = await aDirectory();
    const store = await open(directory);
    await expect(open(directory)).rejects.toThrow(new RegExp(`in use by process ${process.pid}`));
    await store.close();
    await (await open(directory)).close();
  });

  it.each([
    ['of a dead process', JSON.stringify({ pid: 2 ** 22 + 1, started: '1' })],
    ['of an earlier process with our number', JSON.stringify({ pid: process.pid, started: '1' })],
    ['that cannot be read', 'torn'],
  ])('takes over a lock %s', async (_case, lock) => {
    const directory = await aDirectory();
    await writeFile(join(directory, 'journal.lock'), lock);
    const store = await open(directory);
    await store.commit({ session: aSession('a') });
    await store.close();
    expect(await readdir(directory)).toEqual(['journal.jsonl']);
  });

  it('takes over the lock of a process that is dead and not yet buried', async () => {
    const directory = await aDirectory();
    // A shell starts a child and becomes `sleep`, which waits for nobody: the child, once killed, stays a zombie.
    const parent = spawn('bash', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = await once(createInterface({ input: parent.stdout }), 'line');
      const pid = Number(line);
      const until = async (file: string, wanted: RegExp) => {
        while (!wanted.test(await readFile(`/proc/${file}`, 'latin1'))) await new Promise(setImmediate);
      };
      await until(`${parent.pid}/comm`, /^sleep/);
      process.kill(pid, 'SIGKILL');
      await until(`${pid}/stat`, /\) Z /);
      await writeFile(join(directory, 'journal.lock'), JSON.stringify({ pid, started: '' }));
      await (await open(directory)).close();
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('lets exactly one of ten that start together have a stale lock', async () => {
    const directory = await aDirectory();
    await writeFile(join(directory, 'journal.lock'), 'torn');
    const starts = await Promise.allSettled(Array.from({ length: 10 }, () => open(directory)));
    const opened = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    expect(opened).toHaveLength(1);
    await opened[0]?.close();
  });
});

/** The real file, with a disk behind it that can be told to fail. */
class FailingFile implements JournalFile {
  failAppendAfterBytes: number | undefined;
  failSync = false;
  failTruncate = false;
  syncs = 0;
  readonly #file: JournalFile;

  constructor(file: JournalFile) {
    this.#file = file;
  }
  async append(bytes: Uint8Array): Promise<void> {
    if (this.failAppendAfterBytes === undefined) return this.#file.append(bytes);
    await this.#file.append(bytes.subarray(0, this.failAppendAfterBytes));
    throw new Error('ENOSPC: no space left on device, write');
  }
  async sync(): Promise<void> {
    this.syncs++;
    if (this.failSync) throw new Error('EIO: i/o error, fdatasync');
    return this.#file.sync();
  }
  async truncate(bytes: number): Promise<void> {
    if (this.failTruncate) throw new Error('EIO: i/o error, ftruncate');
    return this.#file.truncate(bytes);
  }
  close(): Promise<void> {
    return this.#file.close();
  }
}

async function withFailingDisk() {
  const directory = await aDirectory();
  let disk: FailingFile | undefined;
  const store = await open(directory, {
    fsync: true,
    openFile: async (path) => {
      disk = new FailingFile(await openForAppend(path));
      return disk;
    },
  });
  if (!disk) throw new Error('the store opened no file');
  return { directory, store, disk };
}

describe('a disk that refuses', () => {
  it('rejects every waiting commit, takes each back, and goes on when there is room again', async () => {
    const { directory, store, disk } = await withFailingDisk();
    await store.commit({ session: aSession('a'), events: [anEvent('a', 1)] });
    disk.failAppendAfterBytes = 100;
    const refused = await Promise.allSettled([
      store.commit({ session: aSession('a', { version: 2, status: 'ready' }), events: [anEvent('a', 2)] }),
      store.commit({
        session: aSession('a', { version: 3, status: 'collecting' }),
        events: [anEvent('a', 3)],
      }),
      store.commit({ session: aSession('b') }),
    ]);
    expect(refused.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(['io', 'io', 'io']);
    expect(store.session(sessionId('a'))).toEqual(aSession('a'));
    expect(store.events(sessionId('a'), 0, 10)).toHaveLength(1);
    expect(store.sessions({ tenant: 'tnt_a', livemode: false, limit: 9 }).data).toHaveLength(1);

    disk.failAppendAfterBytes = undefined;
    await store.commit({ session: aSession('a', { version: 2 }), events: [anEvent('a', 2)] });
    await store.close();
    const again = await open(directory);
    expect(again.session(sessionId('a'))?.version).toBe(2);
    expect(again.session(sessionId('b'))).toBeUndefined();
    await again.close();
  });

  it('refuses everything from then on when it cannot tell what is on the disk', async () => {
    const { directory, store, disk } = await withFailingDisk();
    await store.commit({ session: aSession('a') });
    disk.failSync = true;
    await expect(store.commit({ session: aSession('b') })).rejects.toThrow(/EIO.*restart/s);
    disk.failSync = false;
    await expect(store.commit({ session: aSession('c') })).rejects.toMatchObject({ code: 'io' });
    expect(
      store.sessions({ tenant: 'tnt_a', livemode: false, limit: 9 }).data.map((session) => session.id),
    ).toEqual(['ses_a']);
    await store.close();
    const again = await open(directory);
    expect(again.session(sessionId('b'))).toBeUndefined();
    await again.close();
  });

  it('refuses one commit that is absurdly large', async () => {
    const store = await open(await aDirectory());
    const metadata = { note: 'x'.repeat(5 * 1024 * 1024) };
    await expect(store.commit({ session: aSession('a', { metadata }) })).rejects.toMatchObject({
      code: 'too_large',
    });
    expect(store.session(sessionId('a'))).toBeUndefined();
    await store.close();
  });
});

describe('the journal on disk', () => {
  it('is for its owner only', async () => {
    const directory = await aJournal();
    expect((await stat(journalOf(directory))).mode & 0o777).toBe(0o600);
  });

  it('shares one fsync between commits that come together', async () => {
    const { store, disk } = await withFailingDisk();
    const before = disk.syncs;
    await Promise.all(Array.from({ length: 200 }, (_, n) => store.commit({ session: aSession(`s${n}`) })));
    expect(disk.syncs - before).toBeLessThanOrEqual(3);
    await store.close();
  });

  it('is rewritten small at start, and a rewrite that was cut short does no harm', async () => {
    const directory = await aDirectory();
    const store = await open(directory);
    for (let version = 1; version <= 500; version++)
      await store.commit({ session: aSession('a', { version }) });
    await store.commit({ session: aFinishedSession('b') });
    await store.close();
    const before = (await stat(journalOf(directory))).size;
    await writeFile(`${journalOf(directory)}.new`, `${HEADER}\n{"half`);
    const again = await open(directory);
    expect((await stat(journalOf(directory))).size).toBeLessThan(before / 100);
    expect(again.session(sessionId('a'))?.version).toBe(500);
    await again.close();
    expect(await readdir(directory)).toEqual(['journal.jsonl']);
  });
});

/** Runs from dist: the child is a process of its own. */
const CHILD = fileURLToPath(new URL('../../dist/testing/commit-forever.js', import.meta.url));

interface Child {
  readonly acknowledged: ReadonlyMap<string, number>;
  readonly refusals: readonly string[];
}

/** Starts the child, waits for `lines` on its stdout, kills it with SIGKILL, and tells what had been acknowledged. */
async function commitAndKill(directory: string, lines: number, command: string): Promise<Child> {
  const child = spawn('bash', ['-c', `${command}exec "$0" "$1" "$2"`, process.execPath, CHILD, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const acknowledged = new Map<string, number>();
  const refusals: string[] = [];
  let count = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, value] = line.split(' ');
    if (name === 'refused') refusals.push(String(value));
    else if (name !== undefined) acknowledged.set(name, Number(value));
    if (++count === lines) child.kill('SIGKILL');
  }
  // Its output ends a moment before it does, and until then it holds the lock.
  await exited;
  return { acknowledged, refusals };
}

describe('a process that commits', () => {
  it.each([1, 40, 400])('loses nothing acknowledged to kill -9 after %d commits', async (lines) => {
    const directory = await aDirectory();
    const { acknowledged } = await commitAndKill(directory, lines, '');
    const store = await open(directory);
    expect(acknowledged.size).toBeGreaterThan(0);
    for (const [name, seq] of acknowledged) {
      expect(store.session(sessionId(name))?.version).toBeGreaterThanOrEqual(seq);
      const seqs = store.events(sessionId(name), 0, 100_000).map((event) => event.seq);
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
      expect(store.session(sessionId(name))?.lastEventSeq).toBe(seqs.length);
    }
    await store.close();
  });

  it('loses nothing acknowledged to a full disk (file size limit of the kernel)', async () => {
    const directory = await aDirectory();
    // 64 blocks of 1 KB, then the kernel writes a part and says EFBIG. The child ends by itself: every stream is refused.
    const { acknowledged, refusals } = await commitAndKill(directory, -1, 'ulimit -f 64; ');
    expect(refusals).toEqual(Array(8).fill('io'));
    const store = await open(directory);
    expect(acknowledged.size).toBe(8);
    for (const [name, seq] of acknowledged) expect(store.session(sessionId(name))?.version).toBe(seq);
    await store.close();
  });
});
