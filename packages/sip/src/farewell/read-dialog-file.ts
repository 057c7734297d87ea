import { readFileSync } from 'node:fs';
import { readChange, type StoredEndpoint, type StoredLeg } from './stored-leg.ts';

/** No call is longer, so a leg that began before is not there any more: the machine was down for a while. */
const LEG_AGE_MAX_MS = 4 * 3_600_000;

export interface StoredDialogs {
  /** Undefined: it never came to listen, so there are no legs either. */
  readonly endpoint: StoredEndpoint | undefined;
  readonly legs: readonly StoredLeg[];
  /** Lines that nobody can read: the last one was being written, or the disk was full. */
  readonly torn: number;
}

/** The legs that a dead process has left behind. A missing file is an empty one. */
export function readDialogFile(path: string, nowMs: number): StoredDialogs {
  let endpoint: StoredEndpoint | undefined;
  const legs = new Map<string, StoredLeg>();
  let torn = 0;
  for (const line of textOf(path).split('\n')) {
    if (line === '') continue;
    const change = readChange(line);
    if (change === undefined) torn += 1;
    else if ('endpoint' in change) endpoint = change.endpoint;
    else if ('over' in change) legs.delete(change.over);
    else legs.set(change.leg.id, change.leg);
  }
  const young = [...legs.values()].filter(({ sinceMs }) => nowMs - sinceMs < LEG_AGE_MAX_MS);
  return { endpoint, legs: young, torn };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
