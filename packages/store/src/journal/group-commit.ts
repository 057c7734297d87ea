import { JOURNAL_BATCH_BYTES_MAX } from '../limits.ts';
import type { Undo } from '../memory/table.ts';
import { reasonOf, StoreError } from '../store-error.ts';
import type { JournalFile } from './file.ts';
import { encodeLine } from './line.ts';

export interface PendingCommit {
  readonly change: string;
  readonly undo: Undo;
  readonly resolve: () => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * Writes commits in order; those that wait while one fsync runs share the next one.
 *
 * When the disk refuses, every commit that is not on disk yet is undone, newest first (a later one may build on an
 * earlier one), and what was half written is cut off again. If even that fails the file's end is unknown: then
 * every further commit is refused until a restart reads the journal afresh. Linux forgets dirty pages after
 * a failed fsync, so a failed one is never simply tried again.
 */
export class GroupCommit {
  readonly #file: JournalFile;
  readonly #fsync: boolean;
  readonly #path: string;
  #queue: PendingCommit[] = [];
  /** Of the batch that is being written. */
  #writing: PendingCommit[] = [];
  #running: Promise<void> | undefined;
  #lines: number;
  #bytes: number;
  #broken: StoreError | undefined;

  constructor(options: { file: JournalFile; fsync: boolean; path: string; lines: number; bytes: number }) {
    this.#file = options.file;
    this.#fsync = options.fsync;
    this.#path = options.path;
    this.#lines = options.lines;
    this.#bytes = options.bytes;
  }

  /** Set once the journal cannot be written any more in this process. */
  get broken(): StoreError | undefined {
    return this.#broken;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(commit: PendingCommit): void {
    this.#queue.push(commit);
    this.#running ??= this.#run();
  }

  /** Resolves when nothing is waiting, whatever became of it. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    // Commits of the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      this.#writing = this.#takeBatch();
      const data = this.#encode(this.#writing);
      try {
        await this.#file.append(data);
        if (this.#fsync) await this.#file.sync();
      } catch (error) {
        await this.#giveUp(error);
        continue;
      }
      const done = this.#writing;
      this.#writing = [];
      this.#lines += done.length;
      this.#bytes += data.length;
      for (const commit of done) commit.resolve();
    }
    this.#running = undefined;
  }

  #takeBatch(): PendingCommit[] {
    let count = 0;
    let characters = 0;
    for (const commit of this.#queue) {
      characters += commit.change.length;
      if (count > 0 && characters > JOURNAL_BATCH_BYTES_MAX) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }

  #encode(batch: readonly PendingCommit[]): Uint8Array {
    let text = '';
    for (const [index, commit] of batch.entries())
      text += encodeLine(this.#lines + 1 + index, this.#lines, commit.change);
    return Buffer.from(text);
  }

  async #giveUp(cause: unknown): Promise<void> {
    const restored = await this.#cutOff();
    const what = `${this.#path} could not be written: ${reasonOf(cause)}.`;
    const error = restored
      ? new StoreError(
          'io',
          `${what} Nothing of this change was kept; make room on the disk and try again.`,
          cause,
        )
      : new StoreError('io', `${what} The end of the file is unknown: repair the disk and restart.`, cause);
    if (!restored) this.#broken = error;
    // Taken only now: commits that came while the file was cut build on what is being undone.
    const lost = [...this.#writing, ...this.#queue];
    this.#writing = [];
    this.#queue = [];
    for (const commit of lost.toReversed()) commit.undo();
    for (const commit of lost) commit.reject(error);
  }

  async #cutOff(): Promise<boolean> {
    try {
      await this.#file.truncate(this.#bytes);
      if (this.#fsync) await this.#file.sync();
      return true;
    } catch {
      return false;
    }
  }
}
