import { chmod, copyFile, mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@sordino/core';
import type { Tables } from '../memory/tables.ts';
import { reasonOf } from '../store-error.ts';
import { compact } from './compact.ts';
import { FILE_MODE, type JournalFile, openForAppend } from './file.ts';
import { GroupCommit } from './group-commit.ts';
import { lockDirectory } from './lock.ts';
import { type JournalEnd, readJournal } from './read.ts';

const JOURNAL_FILE = 'journal.jsonl';
/** Only this user may look into the directory. */
const DIRECTORY_MODE = 0o700;

export interface JournalOptions {
  /** Made when it does not exist. One process at a time. */
  readonly directory: string;
  readonly log: Log;
  /** false only in tests: then a power cut may lose what was acknowledged. */
  readonly fsync?: boolean;
  /** The file to append to; tests give one that fails. */
  readonly openFile?: (path: string) => Promise<JournalFile>;
}

export interface Journal {
  readonly writer: GroupCommit;
  /** What waits is written first; then another process may have the directory. */
  close(): Promise<void>;
}

/** Replays the directory's journal into `tables`, rewrites it small, and is ready to append. Rejects as `openJournalStore` does. */
export async function openJournal(options: JournalOptions, tables: Tables): Promise<Journal> {
  const { directory, log } = options;
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
  const release = await lockDirectory(directory, log);
  try {
    const path = join(directory, JOURNAL_FILE);
    const end = await readJournal(path, (change) => tables.replay(change));
    if (end.tornBytes > 0) await cutTornTail(path, end, log);
    const start = await startFile(path, tables, end, log);
    const file = await (options.openFile ?? openForAppend)(path);
    const writer = new GroupCommit({ file, fsync: options.fsync ?? true, path, ...start });
    return {
      writer,
      close: async () => {
        await writer.idle();
        await file.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

/** What is cut is kept beside the journal, once, for whoever wants to look at it. */
async function cutTornTail(path: string, end: JournalEnd, log: Log): Promise<void> {
  const copy = `${path}.torn`;
  await copyFile(path, copy);
  await chmod(copy, FILE_MODE);
  await truncate(path, end.bytes);
  log.warn('cut a torn last write off the journal: it had not been acknowledged', {
    path,
    kept_lines: end.lines,
    cut_bytes: end.tornBytes,
    copy,
  });
}

async function startFile(path: string, tables: Tables, end: JournalEnd, log: Log) {
  try {
    return await compact(path, tables);
  } catch (error) {
    // A full disk must not stop a restart from finding its open payments: go on with the old file where there is one.
    if (end.bytes === 0) throw error;
    log.warn('the journal could not be rewritten: it stays as long as it was', {
      path,
      reason: reasonOf(error),
    });
    return { lines: end.lines, bytes: end.bytes };
  }
}
