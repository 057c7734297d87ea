import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type KnownCheckpoint, readPublicKey, verifyAudit } from '@sordino/observability';
import { readConfigOrExplain } from '../config/read-or-explain.ts';
import { reasonOf } from '../reason-of.ts';
import { auditDirectory } from '../start/audit.ts';

const CHECKPOINT = /^(\d{1,15}):([0-9a-f]{64})$/;

/** `sordino audit verify`: 0 when the whole trail is as it was written, 1 with the first record that is not, 2 for a wrong call. */
export async function runAudit([verb, ...args]: readonly string[]): Promise<number> {
  if (verb !== 'verify') return wrong('there is one command: sordino audit verify');
  const { values } = parseArgs({
    args,
    options: {
      config: { type: 'string' },
      directory: { type: 'string' },
      key: { type: 'string' },
      noted: { type: 'string' },
    },
  });
  const known = values.noted === undefined ? undefined : readNoted(values.noted);
  if (values.noted !== undefined && known === undefined)
    return wrong('--noted takes what an earlier run printed, such as 1200:9f86d081…');
  const config = values.directory === undefined ? readConfigOrExplain(values.config) : undefined;
  if (values.directory === undefined && config === undefined) return 2;
  const directory = values.directory ?? (config && auditDirectory(config));
  if (directory === undefined || !existsSync(directory))
    return wrong(`there is no audit trail${directory === undefined ? '' : ` in ${directory}`}`);
  try {
    return report(directory, verifyAudit(directory, readPublicKey(directory, values.key), known));
  } catch (error) {
    return wrong(reasonOf(error));
  }
}

function report(directory: string, verdict: ReturnType<typeof verifyAudit>): number {
  if (!verdict.ok) {
    process.stdout.write(`${directory}/${verdict.file}:${verdict.line}: ${verdict.problem}\n`);
    return 1;
  }
  const { entries, first, last, hash, checkpoints, unsigned } = verdict;
  process.stdout.write(
    entries === 0
      ? 'the trail is empty\n'
      : `records ${first} to ${last}: ${entries} as they were written, ${checkpoints} signed checkpoints, ${unsigned} behind the last one\n` +
          `note this down elsewhere, and the next run can tell that nothing was cut off: --noted ${last}:${hash}\n`,
  );
  return 0;
}

function readNoted(text: string): KnownCheckpoint | undefined {
  const [, n, hash] = CHECKPOINT.exec(text) ?? [];
  return n === undefined || hash === undefined ? undefined : { n: Number(n), hash };
}

function wrong(problem: string): number {
  process.stderr.write(`sordino audit: ${problem}\n`);
  return 2;
}
