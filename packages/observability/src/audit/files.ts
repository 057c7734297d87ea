import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { createGunzip, gunzipSync } from 'node:zlib';

/** Behind the name of a day that was packed, see `packOldDays`. */
export const PACKED = '.gz';
const NAME = /^audit-\d{4}-\d{2}-\d{2}\.jsonl(?:\.gz)?$/;

/** The trail has a file for each day (UTC): `audit-2026-11-22.jsonl`. */
export const auditFileName = (at: Date): string => `audit-${at.toISOString().slice(0, 10)}.jsonl`;

export const isPacked = (name: string): boolean => name.endsWith(PACKED);

/** Names in order of time, each day once: where a day is there both ways, its packing was interrupted. */
export function auditFiles(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => NAME.test(name));
  const there = new Set(names);
  return names.filter((name) => !isPacked(name) || !there.has(name.slice(0, -PACKED.length))).sort();
}

export function readAuditFile(path: string): string {
  const octets = readFileSync(path);
  return (isPacked(path) ? gunzipSync(octets) : octets).toString('utf8');
}

/** Line by line; whoever stops before the end closes it. */
export function linesOfAuditFile(path: string): Interface {
  const file = createReadStream(path);
  return createInterface({ input: isPacked(path) ? file.pipe(createGunzip()) : file });
}

export interface NumberedLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Every line of the trail. A last line without its end was being written when the process died, or was cut off: it is there too. */
export function* auditLines(directory: string): Generator<NumberedLine> {
  for (const file of auditFiles(directory)) {
    const lines = readAuditFile(join(directory, file)).split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const [index, text] of lines.entries()) yield { file, line: index + 1, text };
  }
}
