import { createHash } from 'node:crypto';

/** Who did what, to what, from where, and whether it worked (PCI DSS v4.0.1, 10.2.2). Flat, and no value that was sent. */
export interface AuditFact {
  /** `POST /v1/sessions/:id/confirm`, `process.started`, … */
  readonly action: string;
  /** `api_key key_1`, `client_secret`, `system`; null: nobody that we know. */
  readonly actor: string | null;
  readonly tenant: string | null;
  /** Of the credential; left out where none acted, and in trails from before 2026-11-22. */
  readonly livemode?: boolean | undefined;
  readonly session: string | null;
  /** Network address of the peer. */
  readonly source: string | null;
  /** `ok`, or why not: `HTTP 403`. */
  readonly outcome: string;
  readonly request: string | null;
}

/** One line of the trail. */
export interface AuditEntry extends AuditFact {
  /** 1, 2, 3 … over all files. */
  readonly n: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `hash` of the line before; of the first line: 64 zeros. */
  readonly prev: string;
  /** SHA-256 over everything before it, hex. */
  readonly hash: string;
}

/** Between the entries: everything up to `n` is as it was when this was signed. */
export interface AuditCheckpoint {
  readonly checkpoint: number;
  readonly at: string;
  /** `hash` of entry `checkpoint`. */
  readonly hash: string;
  /** Ed25519 over `checkpoint at hash`, base64. */
  readonly signature: string;
}

export const FIRST_PREV = '0'.repeat(64);

const FACT_NAMES = ['action', 'actor', 'tenant', 'session', 'source', 'outcome', 'request'] as const;

/** In one order and spelling, whatever order a reader or another program may write them in. */
export function entryHash(entry: Omit<AuditEntry, 'hash'>): string {
  const said = FACT_NAMES.map((name) => entry[name]);
  // Behind the others, so that older lines keep their hashes.
  const mode = entry.livemode === undefined ? [] : [entry.livemode];
  const canonical = JSON.stringify([entry.n, entry.at, ...said, entry.prev, ...mode]);
  return createHash('sha256').update(canonical).digest('hex');
}

/** What a checkpoint signs. */
export const checkpointText = ({ checkpoint, at, hash }: Omit<AuditCheckpoint, 'signature'>): string =>
  `sordino audit ${checkpoint} ${at} ${hash}`;

/** A line as it was read; undefined: neither an entry nor a checkpoint, or with more in it than either has. */
export function readAuditLine(text: string): AuditEntry | AuditCheckpoint | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  return has(value, { checkpoint: 'number', at: 'string', hash: 'string', signature: 'string' }) ||
    has(value, ENTRY_SHAPE) ||
    has(value, { ...ENTRY_SHAPE, livemode: 'boolean' })
    ? (value as unknown as AuditEntry | AuditCheckpoint)
    : undefined;
}

type Member = 'number' | 'string' | 'boolean' | 'text';

const ENTRY_SHAPE: Readonly<Record<Exclude<keyof AuditEntry, 'livemode'>, Member>> = {
  n: 'number',
  at: 'string',
  action: 'string',
  actor: 'text',
  tenant: 'text',
  session: 'text',
  source: 'text',
  outcome: 'string',
  request: 'text',
  prev: 'string',
  hash: 'string',
};

/** `text`: a string or null. Exactly these members. */
function has(value: Record<string, unknown>, shape: Readonly<Record<string, Member>>): boolean {
  const names = Object.keys(shape);
  return (
    Object.keys(value).length === names.length &&
    names.every((name) => {
      const member = value[name];
      if (shape[name] === 'number') return Number.isSafeInteger(member);
      if (shape[name] === 'boolean') return typeof member === 'boolean';
      return typeof member === 'string' || (shape[name] === 'text' && member === null);
    })
  );
}
