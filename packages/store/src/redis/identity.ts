import { randomBytes } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openForAppend, syncDirectory } from '../journal/file.ts';
import { hasErrno, StoreError } from '../store-error.ts';

const FILE = 'redis-writer.json';
/** Room for the times that a process lost Redis and found it again between two of its starts. */
const EPOCHS_PER_START = 1_000_000;

/**
 * Who writes. A process that starts again on the same directory is the same writer (its predecessor is surely dead: the directory is
 * locked), in a later epoch: what the dead one had still on its way to Redis is refused.
 */
export interface WriterIdentity {
  readonly id: string;
  readonly firstEpoch: number;
}

export async function nextIdentity(directory: string): Promise<WriterIdentity> {
  const path = join(directory, FILE);
  const before = await readIfThere(path);
  const next = {
    writer: before?.writer ?? `wrt_${randomBytes(12).toString('hex')}`,
    start: (before?.start ?? 0) + 1,
  };
  const fresh = `${path}.${randomBytes(4).toString('hex')}`;
  const file = await openForAppend(fresh);
  try {
    await file.append(Buffer.from(JSON.stringify(next)));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  await syncDirectory(directory);
  return { id: next.writer, firstEpoch: next.start * EPOCHS_PER_START };
}

async function readIfThere(path: string): Promise<{ writer: string; start: number } | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
  const [, writer, start] = /^\{"writer":"(wrt_[0-9a-f]{24})","start":(\d{1,9})\}$/.exec(text) ?? [];
  if (writer === undefined)
    throw new StoreError(
      'foreign',
      `${path} does not say which writer this directory belongs to. Restore it from a backup; or delete it: the sessions of this directory are then taken for those of another process that is gone.`,
    );
  return { writer, start: Number(start) };
}
