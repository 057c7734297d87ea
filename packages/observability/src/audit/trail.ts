import { type KeyObject, sign } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock, Log } from '@sordino/core';
import { maskCardsIn } from '../cards/mask-value.ts';
import { packOldDays } from './archive.ts';
import {
  type AuditEntry,
  type AuditFact,
  checkpointText,
  entryHash,
  FIRST_PREV,
  readAuditLine,
} from './entry.ts';
import { auditFileName, auditFiles, linesOfAuditFile, readAuditFile } from './files.ts';
import { type AuditQuery, listAudit } from './list.ts';
import { openSigningKey } from './signing-key.ts';

/** So many entries after the last one, and whenever the trail is closed or a day is over, a checkpoint is signed. */
const CHECKPOINT_ENTRIES = 1_000;
const OWNER_ONLY = 0o600;
const OWNER_ONLY_DIRECTORY = 0o700;
const DAY_MS = 86_400_000;

export interface AuditTrail {
  /** Written when this returns: with the kernel, and on disk with the next checkpoint. Never throws. */
  record(fact: AuditFact): void;
  /** The last record could not be written. */
  readonly failing: boolean;
  /** The entries of one session, oldest first. `sinceMs`: Unix ms of its first one; earlier days are not read. */
  ofSession(session: string, sinceMs: number): Promise<readonly AuditEntry[]>;
  /** The entries of one tenant and mode, newest first. */
  list(filter: AuditQuery): Promise<{ readonly data: readonly AuditEntry[]; readonly hasMore: boolean }>;
  close(): void;
  /** Resolves when old days are packed: for tests and tools. */
  packed(): Promise<void>;
}

export interface AuditTrailOptions {
  readonly directory: string;
  /** Older files are deleted. */
  readonly keepDays: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Nothing can be recorded any more: whatever must be may not go on (PCI DSS v4.0.1, 10.7.2). Once, until it can be again. */
  readonly onFailing?: () => void;
}

/**
 * Who did what, in a file for each day whose lines are chained by their hashes (PCI DSS v4.0.1, 10.3.2 and 10.3.4): nothing can be
 * changed, taken out or put in without breaking the chain behind it, and signed checkpoints say up to where the chain is
 * the one of this process. Throws when the trail cannot be continued: without it nothing may run that has to be audited.
 */
export function openAuditTrail(options: AuditTrailOptions): AuditTrail {
  mkdirSync(options.directory, { recursive: true, mode: OWNER_ONLY_DIRECTORY });
  return new FileTrail(options, openSigningKey(options.directory));
}

class FileTrail implements AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #key: KeyObject;
  #file: { readonly name: string; readonly descriptor: number; bytes: number } | undefined;
  #last: { readonly n: number; readonly hash: string };
  #unsigned = 0;
  /** ISO 8601. */
  #failingSince: string | undefined;
  #closed = false;
  #listing: Promise<unknown> = Promise.resolve();
  #packing: Promise<void> = Promise.resolve();

  constructor(options: AuditTrailOptions, key: KeyObject) {
    this.#options = options;
    this.#key = key;
    this.#last = this.#findEnd();
  }

  record(fact: AuditFact): void {
    if (this.#closed) return;
    const at = new Date(this.#options.clock.wallMs());
    const { action, actor, tenant, livemode, session, source, outcome, request } = fact;
    const mode = livemode === undefined ? {} : { livemode };
    const { value: said, hits } = maskCardsIn({
      action,
      actor,
      tenant,
      ...mode,
      session,
      source,
      outcome,
      request,
    });
    if (hits > 0)
      this.#options.log.error('card numbers were kept out of the audit trail', { action: said.action, hits });
    const entry = { n: this.#last.n + 1, at: at.toISOString(), ...said, prev: this.#last.hash };
    const hash = entryHash(entry);
    try {
      this.#turnTo(auditFileName(at));
      this.#write({ ...entry, hash });
      this.#last = { n: entry.n, hash };
      this.#unsigned += 1;
      if (this.#unsigned >= CHECKPOINT_ENTRIES) this.#checkpoint();
    } catch (error) {
      this.#lose(error);
      return;
    }
    if (this.#failingSince !== undefined) this.#resume(this.#failingSince);
  }

  packed(): Promise<void> {
    return this.#packing;
  }

  get failing(): boolean {
    return this.#failingSince !== undefined;
  }

  async ofSession(session: string, sinceMs: number): Promise<readonly AuditEntry[]> {
    const { directory } = this.#options;
    const firstDay = auditFileName(new Date(sinceMs));
    // Quick to pass over, and never wrong: the session stands in the line as it is.
    const mark = JSON.stringify(session);
    const found: AuditEntry[] = [];
    for (const name of auditFiles(directory).filter((file) => file >= firstDay)) {
      for await (const line of linesOfAuditFile(join(directory, name))) {
        const read = line.includes(mark) ? readAuditLine(line) : undefined;
        if (read !== undefined && 'n' in read && read.session === session) found.push(read);
      }
    }
    return found;
  }

  list(query: AuditQuery): Promise<{ readonly data: readonly AuditEntry[]; readonly hasMore: boolean }> {
    // One after the other: each may read a day of the whole process, and nobody is in a hurry.
    const listed = this.#listing.then(() => listAudit(this.#options.directory, query));
    this.#listing = listed.catch(() => {});
    return listed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#shut();
    } catch (error) {
      this.#options.log.error('the end of the audit trail could not be signed', { reason: String(error) });
    }
  }

  /** The next record looks for the file anew: what was in its way may be gone. */
  #lose(error: unknown): void {
    try {
      if (this.#file !== undefined) closeSync(this.#file.descriptor);
    } catch {
      // It is of no use any more.
    }
    this.#file = undefined;
    if (this.#failingSince !== undefined) return;
    this.#failingSince = new Date(this.#options.clock.wallMs()).toISOString();
    // Once, and not for each request: the disk is full, and the log may be on it.
    this.#options.log.error('the audit trail cannot be written: no card is taken until it can', {
      reason: (error as NodeJS.ErrnoException).code ?? 'error',
    });
    this.#options.onFailing?.();
  }

  /** That there is a gap stands in the trail itself (PCI DSS v4.0.1, 10.2.1.6). */
  #resume(since: string): void {
    this.#failingSince = undefined;
    this.#options.log.info('the audit trail can be written again', { failing_since: since });
    const nobody = { tenant: null, session: null, source: null, request: null };
    this.record({
      ...nobody,
      action: 'audit.resumed',
      actor: 'system',
      outcome: `accesses between ${since} and the record before this one are missing`,
    });
  }

  /** Where the trail goes on. A torn last line was never told to anybody: it goes. */
  #findEnd(): { readonly n: number; readonly hash: string } {
    const { directory } = this.#options;
    for (const name of auditFiles(directory).reverse()) {
      const path = join(directory, name);
      const text = readAuditFile(path);
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole.length < text.length) cut(path, Buffer.byteLength(whole));
      const lines = whole.split('\n').slice(0, -1);
      for (const line of lines.reverse()) {
        const read = readAuditLine(line);
        if (read === undefined)
          throw new Error(
            `${path} is damaged: run "sordino audit verify", and move it away to begin a new trail`,
          );
        if ('n' in read) return { n: read.n, hash: read.hash };
      }
    }
    return { n: 0, hash: FIRST_PREV };
  }

  #turnTo(name: string): void {
    if (this.#file?.name === name) return;
    this.#shut();
    const { directory } = this.#options;
    const descriptor = openSync(join(directory, name), 'a', OWNER_ONLY);
    this.#file = { name, descriptor, bytes: fstatSync(descriptor).size };
    this.#forgetOld();
    this.#pack();
  }

  #shut(): void {
    if (this.#file === undefined) return;
    if (this.#unsigned > 0) this.#checkpoint();
    closeSync(this.#file.descriptor);
    this.#file = undefined;
  }

  #checkpoint(): void {
    const { n: checkpoint, hash } = this.#last;
    const signed = { checkpoint, at: new Date(this.#options.clock.wallMs()).toISOString(), hash };
    const signature = sign(null, Buffer.from(checkpointText(signed)), this.#key).toString('base64');
    this.#write({ ...signed, signature });
    if (this.#file !== undefined) fsyncSync(this.#file.descriptor);
    this.#unsigned = 0;
  }

  #write(line: object): void {
    const file = this.#file;
    if (file === undefined) throw new Error('the trail is not open');
    const octets = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      for (let done = 0; done < octets.length; ) done += writeSync(file.descriptor, octets, done);
    } catch (error) {
      // A full disk may have taken a part: what comes after it must begin on a line of its own.
      try {
        ftruncateSync(file.descriptor, file.bytes);
      } catch {
        // Then the verifier names the torn line.
      }
      throw error;
    }
    file.bytes += octets.length;
  }

  #pack(): void {
    const { directory, clock, log } = this.#options;
    const nowMs = clock.wallMs();
    this.#packing = this.#packing
      .then(() => packOldDays(directory, nowMs))
      .catch((error: NodeJS.ErrnoException) =>
        log.warn('old days of the audit trail could not be packed: they stay as they are', {
          reason: error.code ?? 'error',
        }),
      );
  }

  #forgetOld(): void {
    const { directory, keepDays, clock } = this.#options;
    const oldest = auditFileName(new Date(clock.wallMs() - keepDays * DAY_MS));
    for (const name of auditFiles(directory))
      if (name < oldest) rmSync(join(directory, name), { force: true });
  }
}

function cut(path: string, bytes: number): void {
  const descriptor = openSync(path, 'r+');
  try {
    ftruncateSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}
