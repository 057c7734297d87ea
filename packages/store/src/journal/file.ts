import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** The few things a journal does with its file; a test puts a failing disk here. */
export interface JournalFile {
  /** Appends all of `bytes` or throws; after a throw some of them may be in the file. */
  append(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** Payments data is for this user only. */
export const FILE_MODE = 0o600;

export async function openForAppend(path: string): Promise<JournalFile> {
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  return new DiskFile(await open(path, O_APPEND | O_CREAT | O_WRONLY, FILE_MODE));
}

/** Makes a rename or a new name durable (fsync(2): the directory needs its own). */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

class DiskFile implements JournalFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async append(bytes: Uint8Array): Promise<void> {
    // A nearly full disk takes a part and says so only by the count; the next write then names the error.
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done);
      if (bytesWritten === 0) throw new Error('the disk took no bytes');
      done += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
