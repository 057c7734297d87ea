import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { API_SCOPES, type ApiScope } from '@sordino/core';
import type { StoredKey } from './key-record.ts';
import type { KeyShelf } from './key-shelf.ts';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;
const KEY_FILE = /^key_[0-9a-z]{26}\.json$/;
const USED_FILE = 'last-used.json';

/**
 * A file for each key, so that two processes (the service and `sordino keys`) need no lock: each key is written whole, under another
 * name, and renamed when it is on disk. Throws where the directory cannot be had or holds a file that is no key: a key that
 * silently is none locks its owner out, and a revoked one that cannot be read would be forgotten.
 */
export function openFileKeyShelf(directory: string): KeyShelf {
  mkdirSync(directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  let seen: bigint | undefined;
  const write = (name: string, value: unknown): void => {
    const path = join(directory, name);
    const draft = `${path}.${process.pid}.draft`;
    const descriptor = openSync(draft, 'w', OWNER_ONLY);
    try {
      writeSync(descriptor, `${JSON.stringify(value)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, path);
    syncDirectory(directory);
  };
  return {
    changed: () => {
      const { mtimeNs } = statSync(directory, { bigint: true });
      if (mtimeNs === seen) return undefined;
      const keys = readdirSync(directory)
        .filter((name) => KEY_FILE.test(name))
        .map((name) => readKey(join(directory, name)));
      // The time from before the reading: what is written meanwhile is read the next time.
      seen = mtimeNs;
      return keys;
    },
    put: (key) => write(`${key.id}.json`, key),
    drop: (id) => {
      rmSync(join(directory, `${id}.json`), { force: true });
      syncDirectory(directory);
    },
    lastUsed: () => readUsed(join(directory, USED_FILE)),
    // In place: a rename would look like a change of the keys, and a torn file is only forgotten.
    noteUsed: (used) =>
      writeFileSync(join(directory, USED_FILE), JSON.stringify(Object.fromEntries(used)), {
        mode: OWNER_ONLY,
      }),
  };
}

/** Makes a rename durable (fsync(2): the directory needs its own). */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readKey(path: string): StoredKey {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    value = undefined;
  }
  if (isStoredKey(value)) return value;
  throw new Error(`${path} holds no API key: restore it from a backup, or delete it and make a new key`);
}

const isTime = (value: unknown): boolean => Number.isSafeInteger(value);
const isText = (value: unknown): boolean => typeof value === 'string';

function isStoredKey(value: unknown): value is StoredKey {
  if (typeof value !== 'object' || value === null) return false;
  const key = value as Readonly<Record<keyof StoredKey, unknown>>;
  return (
    [key.id, key.sha256, key.tenant, key.endsWith].every(isText) &&
    typeof key.livemode === 'boolean' &&
    Array.isArray(key.scopes) &&
    key.scopes.every((scope) => API_SCOPES.includes(scope as ApiScope)) &&
    [key.name, key.replaces].every((text) => text === null || isText(text)) &&
    isTime(key.created) &&
    [key.expires, key.revoked].every((time) => time === null || isTime(time))
  );
}

/** Lost or damaged: then nobody knows, and nothing else depends on it. */
function readUsed(path: string): ReadonlyMap<string, number> {
  try {
    const read = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
    return new Map(Object.entries(read).filter(([, time]) => isTime(time)));
  } catch {
    return new Map();
  }
}
