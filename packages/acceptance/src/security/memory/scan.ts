import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Spelling } from './spellings.ts';

const PAGE_BYTES = 4_096;
const ZEROS = Buffer.alloc(PAGE_BYTES);
/** What is read at a time. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** A copy may lie across two chunks. Longer than any spelling. */
const OVERLAP_BYTES = 512;
/** Of the kernel's, and not to be read. */
const NOT_THE_PROCESS = /\[(?:vvar|vvar_vclock|vdso|vsyscall)\]$/;

interface Region {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** A copy in the memory of a process: how it is spelled and where. Never the digits: a test prints this. */
interface Copy {
  readonly spelling: string;
  readonly region: string;
}

export interface Scan {
  readonly copies: readonly Copy[];
  /** Bytes that were looked at. */
  readonly bytes: number;
}

/**
 * Searches all memory that process `pid`, a child of ours, can write to: heaps, stacks, buffers of libraries. It stands still
 * meanwhile, so that nothing moves past the search.
 */
export function scanMemory(pid: number, spellings: readonly Spelling[]): Scan {
  process.kill(pid, 'SIGSTOP');
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    const copies: Copy[] = [];
    let bytes = 0;
    for (const region of regionsOf(pid)) {
      for (const touched of touchedIn(memory, region)) {
        bytes += touched.length;
        for (const spelling of spellings)
          for (let count = countIn(touched, spelling.bytes); count > 0; count -= 1)
            copies.push({ spelling: spelling.name, region: region.name });
      }
    }
    return { copies, bytes };
  } finally {
    closeSync(memory);
    process.kill(pid, 'SIGCONT');
  }
}

function regionsOf(pid: number): Region[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').trimEnd().split('\n');
  return lines.flatMap((line) => {
    const [, from = '', to = '', rights = '', name = ''] =
      /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
    if (!rights.startsWith('rw') || NOT_THE_PROCESS.test(name)) return [];
    return [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), name: name || 'anonymous' }];
  });
}

/** What is not empty of a region, in pieces that overlap. */
function* touchedIn(memory: number, { from, to }: Region): Generator<Buffer> {
  const buffer = Buffer.alloc(CHUNK_BYTES + OVERLAP_BYTES);
  for (let at = from; at < to; at += CHUNK_BYTES) {
    const read = readAt(memory, buffer, Math.min(buffer.length, to - at), at);
    yield* nonZeroPagesOf(buffer.subarray(0, read));
  }
}

/** Most of what a process may write to it never has: stacks of threads, room for a heap to grow. */
function* nonZeroPagesOf(chunk: Buffer): Generator<Buffer> {
  let begin: number | undefined;
  for (let at = 0; at < chunk.length; at += PAGE_BYTES) {
    const end = Math.min(at + PAGE_BYTES, chunk.length);
    const isEmpty = chunk.compare(ZEROS, 0, end - at, at, end) === 0;
    if (!isEmpty) begin ??= at;
    else if (begin !== undefined) {
      yield chunk.subarray(begin, at);
      begin = undefined;
    }
  }
  if (begin !== undefined) yield chunk.subarray(begin);
}

function readAt(memory: number, buffer: Buffer, wanted: number, at: number): number {
  let read = 0;
  try {
    while (read < wanted) {
      const more = readSync(memory, buffer, read, wanted - read, at + read);
      if (more === 0) break;
      read += more;
    }
  } catch (error) {
    // A reserved page that nobody has: what stands behind it in this chunk is as untouched.
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
  }
  return read;
}

function countIn(chunk: Buffer, wanted: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(wanted); at >= 0; at = chunk.indexOf(wanted, at + 1)) count += 1;
  return count;
}
