import type { StoredKey } from './key-record.ts';

/** Where keys that were made here are kept. Small and seldom written, so it may wait for the disk. */
export interface KeyShelf {
  /** All of them, if they may have changed since the last time: another process may write too. */
  changed(): readonly StoredKey[] | undefined;
  /** On disk when it returns. Throws: nothing was kept. */
  put(key: StoredKey): void;
  drop(id: string): void;
  /** Unix ms by key id. */
  lastUsed(): ReadonlyMap<string, number>;
  /** May be lost with the process: nothing depends on it. */
  noteUsed(used: ReadonlyMap<string, number>): void;
}

/** For a process that forgets everything else too. */
export function memoryKeyShelf(): KeyShelf {
  const keys = new Map<string, StoredKey>();
  let isChanged = false;
  return {
    changed: () => {
      if (!isChanged) return undefined;
      isChanged = false;
      return [...keys.values()];
    },
    put: (key) => {
      keys.set(key.id, key);
      isChanged = true;
    },
    drop: (id) => {
      isChanged = keys.delete(id);
    },
    lastUsed: () => new Map(),
    noteUsed: () => {},
  };
}
