import { createHash } from 'node:crypto';
import type { StoreChange } from '@sordino/payments';
import { JOURNAL_LINE_BYTES_MAX } from '../limits.ts';
import type { Relinquished } from '../memory/image.ts';
import { StoreError } from '../store-error.ts';

/**
 * One line of the journal:
 * `{"n":7,"synced":5,"sum":"0123456789abcdef","change":{…}}`
 *
 * - `n` counts lines from 1 without gaps, so a lost or doubled line is seen.
 * - `synced` is the last line that was surely on disk when this one was written. It tells a torn tail (nobody was
 *   told that it is safe: cut it off) from damage to an acknowledged line (refuse to start).
 * - `sum` is the start of SHA-256 over `n`, `synced` and the text of `change`.
 */
export interface JournalLine {
  readonly n: number;
  readonly synced: number;
  readonly change: StoreChange | Relinquished;
}

const SHAPE = /^\{"n":(\d{1,15}),"synced":(\d{1,15}),"sum":"([0-9a-f]{16})","change":(\{.*\})\}$/s;

/** First line of every journal; another version is refused instead of guessed at. */
export const HEADER = '{"journal":"sordino payments","version":1}';

export function encodeLine(n: number, synced: number, change: string): string {
  return `{"n":${n},"synced":${synced},"sum":"${checksum(n, synced, change)}","change":${change}}\n`;
}

/** The `change` of a line. Throws where no line could hold it. */
export function lineText(change: JournalLine['change']): string {
  const text = JSON.stringify(change);
  if (Buffer.byteLength(text) > JOURNAL_LINE_BYTES_MAX)
    throw new StoreError(
      'too_large',
      `a commit of ${text.length} characters is over ${JOURNAL_LINE_BYTES_MAX} bytes.`,
    );
  return text;
}

/** undefined when anything about the line is wrong. */
export function decodeLine(text: string): JournalLine | undefined {
  const [, n, synced, sum, change] = SHAPE.exec(text) ?? [];
  if (n === undefined || synced === undefined || change === undefined) return undefined;
  if (checksum(Number(n), Number(synced), change) !== sum) return undefined;
  try {
    return { n: Number(n), synced: Number(synced), change: JSON.parse(change) as JournalLine['change'] };
  } catch {
    return undefined;
  }
}

// 64 bits of SHA-256: this finds damage, it does not stop a forger.
function checksum(n: number, synced: number, change: string): string {
  return createHash('sha256').update(`${n} ${synced} ${change}`).digest('hex').slice(0, 16);
}
