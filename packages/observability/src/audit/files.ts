import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^audit-\d{4}-\d{2}-\d{2}\.jsonl$/;

/** The trail has a file for each day (UTC): `audit-2026-11-22.jsonl`. */
export const auditFileName = (at: Date): string => `audit-${at.toISOString().slice(0, 10)}.jsonl`;

/** Names in order of time. */
export const auditFiles = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => NAME.test(name))
    .sort();

export interface NumberedLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Every line of the trail. A last line without its end was being written when the process died, or was cut off: it is there too. */
export function* auditLines(directory: string): Generator<NumberedLine> {
  for (const file of auditFiles(directory)) {
    const lines = readFileSync(join(directory, file), 'utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const [index, text] of lines.entries()) yield { file, line: index + 1, text };
  }
}
