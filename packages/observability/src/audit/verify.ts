import { type KeyObject, verify } from 'node:crypto';
import { type AuditCheckpoint, checkpointText, entryHash, FIRST_PREV, readAuditLine } from './entry.ts';
import { auditLines, type NumberedLine } from './files.ts';

/** A checkpoint that was noted down elsewhere: without one, nobody can tell that the end of the trail was cut off. */
export interface KnownCheckpoint {
  readonly n: number;
  readonly hash: string;
}

export type AuditVerdict =
  | {
      readonly ok: true;
      readonly entries: number;
      readonly first: number | undefined;
      readonly last: number | undefined;
      /** Hash of the last entry. */
      readonly hash: string | undefined;
      readonly checkpoints: number;
      /** Entries behind the last checkpoint: chained, not yet signed. */
      readonly unsigned: number;
    }
  | { readonly ok: false; readonly file: string; readonly line: number; readonly problem: string };

/**
 * Reads the whole trail in `directory` and names the first record that is not as it was written: changed, missing, doubled, out of
 * order, or behind a checkpoint that the key did not sign.
 */
export function verifyAudit(directory: string, key: KeyObject, known?: KnownCheckpoint): AuditVerdict {
  let first: number | undefined;
  let last: { readonly n: number; readonly hash: string } | undefined;
  let checkpoints = 0;
  let signedUpTo = 0;
  let knownIsThere = known === undefined;
  let at: NumberedLine = { file: directory, line: 0, text: '' };
  const bad = (problem: string): AuditVerdict => ({ ok: false, file: at.file, line: at.line, problem });

  for (at of auditLines(directory)) {
    const read = readAuditLine(at.text);
    if (read === undefined) return bad('it is no record of an audit trail, or only a part of one');
    if ('checkpoint' in read) {
      const problem = checkpointProblem(read, last, key);
      if (problem !== undefined) return bad(problem);
      checkpoints += 1;
      signedUpTo = read.checkpoint;
      continue;
    }
    const { hash, ...entry } = read;
    if (entryHash(entry) !== hash) return bad(`record ${entry.n} was changed: its hash is of something else`);
    // The oldest files go after a year: the trail then begins in the middle, at a number that is told.
    if (last !== undefined && entry.n !== last.n + 1)
      return bad(`record ${entry.n} follows record ${last.n}: records are missing, doubled or out of order`);
    const prev = last?.hash ?? (entry.n === 1 ? FIRST_PREV : entry.prev);
    if (entry.prev !== prev) return bad(`record ${entry.n} does not continue record ${entry.n - 1}`);
    first ??= entry.n;
    last = { n: entry.n, hash };
    if (known?.n === entry.n) {
      if (known.hash !== hash) return bad(`record ${entry.n} is not the one that was noted down`);
      knownIsThere = true;
    }
  }
  if (!knownIsThere) return bad(`the trail ends before record ${known?.n}, which was noted down`);
  const entries = first === undefined || last === undefined ? 0 : last.n - first + 1;
  const unsigned = last === undefined ? 0 : Math.min(entries, last.n - signedUpTo);
  return { ok: true, entries, first, last: last?.n, hash: last?.hash, checkpoints, unsigned };
}

function checkpointProblem(
  checkpoint: AuditCheckpoint,
  last: { readonly n: number; readonly hash: string } | undefined,
  key: KeyObject,
): string | undefined {
  const { checkpoint: n, hash, signature } = checkpoint;
  const signed = Buffer.from(signature, 'base64');
  // RFC 4648 §3.5: base64 has several spellings of the same octets; a line has one.
  const isCanonical = signed.toString('base64') === signature;
  if (!isCanonical || !verify(null, Buffer.from(checkpointText(checkpoint)), key, signed))
    return `checkpoint ${n} was not signed by this key`;
  return last?.n === n && last.hash === hash ? undefined : `checkpoint ${n} is not of the record before it`;
}
