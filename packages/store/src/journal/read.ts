import { open } from 'node:fs/promises';
import { JOURNAL_LINE_BYTES_MAX } from '../limits.ts';
import { hasErrno, reasonOf, StoreError } from '../store-error.ts';
import { decodeLine, HEADER, type JournalLine } from './line.ts';

type Replay = (change: JournalLine['change']) => void;

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

export interface JournalEnd {
  /** Number of the last good line. */
  readonly lines: number;
  /** Where the good part ends. */
  readonly bytes: number;
  /** What follows it: a commit that was being written when the process died. Nobody was told it was safe. */
  readonly tornBytes: number;
}

/**
 * Reads a journal, handing out each change in order. Damage that no crash can explain (a line that was
 * acknowledged is unreadable) throws `corrupt` and names the file and line. A missing file is an empty journal.
 */
export async function readJournal(path: string, replay: Replay): Promise<JournalEnd> {
  let line = 0;
  let good = { n: 0, bytes: 0 };
  let bad: number | undefined;
  let size = 0;
  for await (const { text, end, complete } of linesOf(path)) {
    line++;
    size = end;
    if (line === 1) {
      if (complete && text !== HEADER) throw foreign(path, text);
      if (complete) good = { n: 0, bytes: end };
      else bad = line;
      continue;
    }
    const decoded = complete ? decodeLine(text) : undefined;
    if (bad === undefined && decoded?.n === good.n + 1) {
      apply(path, line, replay, decoded.change);
      good = { n: decoded.n, bytes: end };
      continue;
    }
    bad ??= line;
    // A whole line out of its order, or one that vouches for the bad one: no torn write does that.
    if (decoded && (decoded.synced > good.n || decoded.n <= good.n)) throw corrupt(path, bad, line);
  }
  return { lines: good.n, bytes: good.bytes, tornBytes: size - good.bytes };
}

function apply(path: string, line: number, replay: Replay, change: JournalLine['change']): void {
  try {
    replay(change);
  } catch (error) {
    throw new StoreError(
      'corrupt',
      `${path} line ${line} does not follow from the lines before it (${reasonOf(error)}). Restore the file from a backup, or move it away to start empty: then look up every payment of that time at the gateway.`,
      error,
    );
  }
}

function foreign(path: string, text: string): StoreError {
  return new StoreError(
    'foreign',
    `${path} line 1 is not the header of a journal of this version (${HEADER}) but ${JSON.stringify(text.slice(0, 60))}. Use the version of Sordino that wrote it, or another directory.`,
  );
}

function corrupt(path: string, bad: number, witness: number): StoreError {
  return new StoreError(
    'corrupt',
    `${path} line ${bad} is damaged or out of order, and by line ${witness} it had been safe on disk: this is not a torn last write. Restore the file from a backup; or, knowing that what line ${bad} and the following held is lost, keep a copy, delete from line ${bad} on, and look up the payments of that time at the gateway.`,
  );
}

interface RawLine {
  readonly text: string;
  /** Offset of the first byte after the line. */
  readonly end: number;
  /** It ended in a newline and was not absurdly long. */
  readonly complete: boolean;
}

async function* linesOf(path: string): AsyncGenerator<RawLine> {
  const handle = await openIfThere(path);
  if (!handle) return;
  try {
    let rest = Buffer.alloc(0);
    let offset = 0;
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES);
      if (bytesRead === 0) break;
      let data: Buffer = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE)) {
        offset += at + 1;
        yield { text: data.toString('utf8', 0, at), end: offset, complete: at <= JOURNAL_LINE_BYTES_MAX };
        data = data.subarray(at + 1);
      }
      if (data.length > JOURNAL_LINE_BYTES_MAX + CHUNK_BYTES) {
        // No line is this long: report a damaged one and look for the next newline.
        offset += data.length;
        yield { text: '', end: offset, complete: false };
        data = Buffer.alloc(0);
      }
      rest = Buffer.from(data);
    }
    if (rest.length > 0) yield { text: '', end: offset + rest.length, complete: false };
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string) {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
