import type { Clock, Log } from '@sordino/core';
import type { PaymentStore, StoreChange } from '@sordino/payments';
import { JOURNAL_BYTES_WARN } from '../limits.ts';
import { TableStore } from '../memory/table-store.ts';
import { RETENTION, type Retention, Tables } from '../memory/tables.ts';
import { StoreError } from '../store-error.ts';
import type { GroupCommit } from './group-commit.ts';
import { lineText } from './line.ts';
import { type Journal, type JournalOptions, openJournal } from './open-journal.ts';

export interface JournalStoreOptions extends JournalOptions {
  readonly clock: Clock;
  readonly retention?: Retention;
}

/**
 * Memory for reading, an append-only journal for remembering. Rejects with a `StoreError`: `locked` (another process
 * has the directory), `corrupt` or `foreign` (the journal cannot be read), and with the system's error when the directory cannot be used.
 */
export async function openJournalStore(options: JournalStoreOptions): Promise<PaymentStore> {
  const tables = new Tables(options.clock, options.retention ?? RETENTION);
  return new JournalPaymentStore(tables, await openJournal(options, tables), options.log);
}

class JournalPaymentStore extends TableStore {
  readonly #journal: Journal;
  readonly #writer: GroupCommit;
  readonly #log: Log;
  #closing: Promise<void> | undefined;
  #warnedSize = false;

  constructor(tables: Tables, journal: Journal, log: Log) {
    super(tables);
    this.#journal = journal;
    this.#writer = journal.writer;
    this.#log = log;
  }

  override commit(change: StoreChange): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closing) throw new StoreError('closed', 'the store is closed: commit before close().');
      if (this.#writer.broken) throw this.#writer.broken;
      const text = lineText(change);
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
    this.#closing ??= this.#journal.close();
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
