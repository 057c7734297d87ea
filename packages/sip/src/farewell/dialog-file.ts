import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { Log } from '@sordino/core';
import type { DialogKeeper, StoredChange } from './stored-leg.ts';

/** It names callers and one-time tokens: for this user only. */
export const FILE_MODE = 0o600;

/** Bytes after which the file is written anew with what still lives: a few seconds of the busiest process, read in milliseconds. */
const COMPACT_BYTES = 4 * 1024 * 1024;

/** Legs of which the rest of the file is rewritten: more than any process holds, so that a bug cannot fill memory. */
const LEGS_MAX = 20_000;

/** Beside the ids of legs, which are never empty. */
const ENDPOINT = '';

export interface DialogFile extends DialogKeeper {
  /** Closes the file and takes it away: nothing is left that anybody could have to end. */
  close(): void;
}

/**
 * The dialogs of this process in a file of JSON lines, last word of each leg wins. A write is with the kernel when `write`
 * returns, which is all that the death of a process can take; there is no fsync, for when the machine itself dies there is
 * nobody left to speak for it within seconds. A full disk costs the lines, never the call: the next write tries to write
 * everything anew.
 */
export function openDialogFile(path: string, log: Log): DialogFile {
  const live = new Map<string, string>();
  let bytes = 0;
  let compactAt = COMPACT_BYTES;
  let descriptor = rewrite();

  function rewrite(): number {
    const next = `${path}.new`;
    // What a process before us left half done.
    rmSync(next, { force: true });
    const opened = openSync(next, 'ax', FILE_MODE);
    try {
      bytes = 0;
      append(opened, [...live.values()].join(''));
      // What lives may be more than that already: it is not to be written again with each change.
      compactAt = Math.max(COMPACT_BYTES, 2 * bytes);
      renameSync(next, path);
    } catch (error) {
      closeSync(opened);
      throw error;
    }
    return opened;
  }

  function append(to: number, lines: string): void {
    const octets = Buffer.from(lines);
    // A nearly full disk takes a part and says so only by the count; the next write then names the error.
    for (let done = 0; done < octets.length; ) done += writeSync(to, octets, done);
    bytes += octets.length;
  }

  let failed = false;
  return {
    write(changes) {
      const lines = changes.map((change) => remember(live, change)).join('');
      try {
        if (failed || bytes > compactAt) {
          const before = descriptor;
          descriptor = rewrite();
          closeSync(before);
          failed = false;
        } else append(descriptor, lines);
      } catch (error) {
        if (!failed) {
          log.error(
            'dialogs cannot be stored: should this process die, the guardian cannot hand its calls back',
            {
              reason: String(error),
            },
          );
        }
        failed = true;
      }
    },
    close() {
      closeSync(descriptor);
      rmSync(path, { force: true });
    },
  };
}

/** The line of a change, empty where it changes nothing; keeps the last of each leg. */
function remember(live: Map<string, string>, change: StoredChange): string {
  const line = `${JSON.stringify(change)}\n`;
  if ('over' in change) {
    live.delete(change.over);
    return line;
  }
  const id = 'endpoint' in change ? ENDPOINT : change.leg.id;
  if (live.get(id) === line) return '';
  if (live.has(id) || live.size < LEGS_MAX) live.set(id, line);
  return line;
}
