import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { FILE_MODE } from './dialog-file.ts';
import { readLine, type StoredEndpoint, type StoredLeg } from './stored-leg.ts';

/** No call is longer, so a leg that began before is not there any more: the machine was down for a while. */
const LEG_AGE_MAX_MS = 4 * 3_600_000;

export interface StoredDialogs {
  /** Undefined: it never came to listen, so there are no legs either. */
  readonly endpoint: StoredEndpoint | undefined;
  readonly legs: readonly StoredLeg[];
  /** `SipLegLabel.call` of each call that somebody has handed back already. */
  readonly handedBack: readonly string[];
  /** Lines that nobody can read: the last one was being written, or the disk was full. */
  readonly torn: number;
}

/** The legs that a dead process has left behind. A missing file is an empty one. */
export function readDialogFile(path: string, nowMs: number): StoredDialogs {
  let endpoint: StoredEndpoint | undefined;
  const legs = new Map<string, StoredLeg>();
  let handedBack: readonly string[] = [];
  let torn = 0;
  for (const line of textOf(path).split('\n')) {
    if (line === '') continue;
    const change = readLine(line);
    if (change === undefined) torn += 1;
    else if ('endpoint' in change) endpoint = change.endpoint;
    else if ('handedBack' in change) handedBack = change.handedBack;
    else if ('over' in change) legs.delete(change.over);
    else legs.set(change.leg.id, change.leg);
  }
  const young = [...legs.values()].filter(({ sinceMs }) => nowMs - sinceMs < LEG_AGE_MAX_MS);
  return { endpoint, legs: young, handedBack, torn };
}

/** After a farewell: nobody need say it again, and the next process learns which calls are back. */
export function settleDialogFile(path: string, handedBack: readonly string[]): void {
  const next = `${path}.new`;
  writeFileSync(next, `${JSON.stringify({ handedBack })}\n`, { mode: FILE_MODE });
  renameSync(next, path);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
