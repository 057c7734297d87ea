import { chmod, copyFile, mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Log } from '@sordino/core';
import type { PaymentStore, StoreChange } from '@sordino/payments';
import { JOURNAL_BYTES_WARN, JOURNAL_LINE_BYTES_MAX } from '../limits.ts';
import { TableStore } from '../memory/table-store.ts';
import { RETENTION, type Retention, Tables } from '../memory/tables.ts';
import { reasonOf, StoreError } from '../store-error.ts';
import { compact } from './compact.ts';
import { FILE_MODE, type JournalFile, openForAppend } from './file.ts';
import { GroupCommit } from './group-commit.ts';
import { lockDirectory } from './lock.ts';
import { type JournalEnd, readJournal } from './read.ts';

const JOURNAL_FILE = 'journal.jsonl';
/** Only this user may look into the directory. */
const DIRECTORY_MODE = 0o700;

export interface JournalStoreOptions {
  /** Made when it does not exist. One process at a time. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
  /** false only in tests: then a power cut may lose what was acknowledged. */
  readonly fsync?: boolean;
  readonly retention?: Retention;
  /** The file to append to; tests give one that fails. */
  readonly openFile?: (path: string) => Promise<JournalFile>;
}

/**
 * Memory for reading, an append-only journal for remembering. Rejects with a `StoreError`: `locked` (another process
 * has the directory), `corrupt` or `foreign` (the journal cannot be read), and with the system's error when the directory cannot be used.
 */
export async function openJournalStore(options: JournalStoreOptions): Promise<PaymentStore> {
  const { directory, log } = options;
  await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
  const release = await lockDirectory(directory, log);
  try {
    const path = join(directory, JOURNAL_FILE);
    const tables = new Tables(options.clock, options.retention ?? RETENTION);
    const end = await readJournal(path, (change) => tables.replay(change));
    if (end.tornBytes > 0) await cutTornTail(path, end, log);
    const start = await startFile(path, tables, end, log);
    const file = await (options.openFile ?? openForAppend)(path);
    const writer = new GroupCommit({ file, fsync: options.fsync ?? true, path, ...start });
    return new JournalPaymentStore(tables, writer, log, async () => {
      await file.close();
      await release();
    });
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

class JournalPaymentStore extends TableStore {
  readonly #writer: GroupCommit;
  readonly #log: Log;
  readonly #release: () => Promise<void>;
  #closing: Promise<void> | undefined;
  #warnedSize = false;

  constructor(tables: Tables, writer: GroupCommit, log: Log, release: () => Promise<void>) {
    super(tables);
    this.#writer = writer;
    this.#log = log;
    this.#release = release;
  }

  override commit(change: StoreChange): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closing) throw new StoreError('closed', 'the store is closed: commit before close().');
      if (this.#writer.broken) throw this.#writer.broken;
      const text = JSON.stringify(change);
      if (Buffer.byteLength(text) > JOURNAL_LINE_BYTES_MAX)
        throw new StoreError(
          'too_large',
          `a commit of ${text.length} characters is over ${JOURNAL_LINE_BYTES_MAX} bytes.`,
        );
      const undo = this.tables.apply(change);
      this.#writer.push({
        change: text,
        undo,
        reject: (error) => {
          this.#log.error('a commit was refused by the disk', { reason: error.message });
          reject(error);
        },
        resolve: () => {
          this.#afterDurable(change);
          resolve();
        },
      });
    });
  }

  override close(): Promise<void> {
    this.#closing ??= this.#writer.idle().then(this.#release);
    return this.#closing;
  }

  #afterDurable(change: StoreChange): void {
    this.retain(change);
    if (this.#writer.bytes > JOURNAL_BYTES_WARN && !this.#warnedSize) {
      this.#warnedSize = true;
      this.#log.warn('the journal has grown large: restart at a quiet hour, it is rewritten small at start', {
        bytes: this.#writer.bytes,
      });
    }
  }
}
