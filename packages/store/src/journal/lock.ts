import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@sordino/core';
import { hasErrno, StoreError } from '../store-error.ts';

const LOCK_FILE = 'journal.lock';
/** A takeover can lose a race to another starting process; after this many the other one has won. */
const ATTEMPTS_MAX = 5;

interface Owner {
  readonly pid: number;
  /** Start time of the process in kernel ticks: a new process with the old number (pid 1 of a container) is another owner. */
  readonly started: string;
}

/** Keeps a second process away from the journal. Returns the function that releases the lock. */
export async function lockDirectory(directory: string, log: Log): Promise<() => Promise<void>> {
  const path = join(directory, LOCK_FILE);
  const token = randomBytes(8).toString('hex');
  const own = JSON.stringify({ pid: process.pid, started: statOf(process.pid).started, token });
  const mine = join(directory, `${LOCK_FILE}.${token}`);
  await writeFile(mine, own, { mode: 0o600, flag: 'wx' });
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      // link() is atomic and fails when the name exists, so a half-written lock is never seen.
      if (await linked(mine, path)) return () => release(path, own);
      await removeIfStale(path, directory, token, log);
    }
  } finally {
    await rm(mine, { force: true });
  }
  throw new StoreError('locked', `${path}: other processes are starting on this directory: start only one.`);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Throws `locked` when the owner lives. */
async function removeIfStale(path: string, directory: string, token: string, log: Log): Promise<void> {
  const seen = await readIfThere(path);
  if (seen === undefined) return;
  const owner = parseOwner(seen);
  if (owner && isAlive(owner))
    throw new StoreError(
      'locked',
      `${directory} is in use by process ${owner.pid} (${path}). Stop that process or give this one another directory.`,
    );
  // Moved aside and looked at again, so that a lock which was taken over meanwhile is not thrown away unseen.
  const aside = join(directory, `${LOCK_FILE}.stale.${token}`);
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readIfThere(aside)) === seen)
    log.warn('took over the lock of a dead process', { path, pid: owner?.pid ?? null });
  else await linked(aside, path);
  await rm(aside, { force: true });
}

async function release(path: string, own: string): Promise<void> {
  if ((await readIfThere(path)) === own) await rm(path, { force: true });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, started } = JSON.parse(text) as Partial<Owner>;
    return Number.isSafeInteger(pid) && Number(pid) > 0
      ? { pid: Number(pid), started: String(started) }
      : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    if (!hasErrno(error, 'EPERM')) return false;
  }
  const { state, started } = statOf(owner.pid);
  // Dead, but its parent has not looked yet.
  if (state === 'Z' || state === 'X') return false;
  return started === '' || owner.started === '' || started === owner.started;
}

/** Fields 3 and 22 of /proc/PID/stat (proc(5)); empty where there is no /proc. */
function statOf(pid: number): { readonly state: string; readonly started: string } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command name may hold spaces and brackets: count from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return { state: '', started: '' };
  }
}
