import { join } from 'node:path';
import { type AuditEntry, readAuditLine } from './entry.ts';
import { auditFileName, auditFiles, linesOfAuditFile, PACKED } from './files.ts';

export interface AuditQuery {
  readonly tenant: string;
  readonly livemode: boolean;
  readonly session?: string;
  readonly actor?: string;
  readonly action?: string;
  /** Unix ms; both ends belong to it. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Entries before this one. */
  readonly before?: number;
  readonly limit: number;
}

/** Newest first. Reads day by day, and no day that cannot have any: never more than one page of entries is in memory. */
export async function listAudit(
  directory: string,
  query: AuditQuery,
): Promise<{ readonly data: readonly AuditEntry[]; readonly hasMore: boolean }> {
  const found: AuditEntry[] = [];
  for (const name of daysOf(directory, query)) {
    found.push(...(await lastOf(join(directory, name), query, query.limit + 1 - found.length)));
    if (found.length > query.limit) break;
  }
  return { data: found.slice(0, query.limit), hasMore: found.length > query.limit };
}

function daysOf(directory: string, { sinceMs, untilMs }: AuditQuery): readonly string[] {
  const first = sinceMs === undefined ? '' : auditFileName(new Date(sinceMs));
  const last = untilMs === undefined ? undefined : auditFileName(new Date(untilMs));
  return auditFiles(directory)
    .filter((name) => name >= first && (last === undefined || name <= last + PACKED))
    .reverse();
}

/** The last `count` entries of a day that fit, the last one first. */
async function lastOf(path: string, query: AuditQuery, count: number): Promise<readonly AuditEntry[]> {
  const { before = Number.POSITIVE_INFINITY } = query;
  // Quick to pass over, and never wrong: the tenant stands in the line as it is.
  const mark = JSON.stringify(query.tenant);
  const kept: AuditEntry[] = [];
  const lines = linesOfAuditFile(path);
  for await (const line of lines) {
    const entry = readAuditLine(line);
    if (entry === undefined || !('n' in entry)) continue;
    if (entry.n >= before) break;
    if (!line.includes(mark) || !fits(entry, query)) continue;
    kept.push(entry);
    if (kept.length > count) kept.shift();
  }
  lines.close();
  return kept.reverse();
}

function fits(entry: AuditEntry, query: AuditQuery): boolean {
  const { tenant, livemode, session, actor, action, sinceMs, untilMs } = query;
  const atMs = Date.parse(entry.at);
  return (
    entry.tenant === tenant &&
    entry.livemode === livemode &&
    (session === undefined || entry.session === session) &&
    (actor === undefined || entry.actor === actor) &&
    (action === undefined || entry.action === action) &&
    (sinceMs === undefined || atMs >= sinceMs) &&
    (untilMs === undefined || atMs <= untilMs)
  );
}
