/**
 * Why the store refused. Nothing of the refused commit was applied.
 * - `seq_gap`, `stale_version`: the caller broke the order of a session (a bug there, never bad luck)
 * - `too_large`, `full`: a limit of `limits.ts`
 * - `closed`: committed after `close()`
 * - `io`: the disk refused (full, read-only, broken); the message has the system's error
 * - `unavailable`: Redis is away, and the change begins something: a session or a charge
 * - `fenced`: the session belongs to another process
 * - `locked`: another process has the directory
 * - `corrupt`, `foreign`: the journal cannot be read, or is not ours
 */
export type StoreErrorCode =
  | 'seq_gap'
  | 'stale_version'
  | 'too_large'
  | 'full'
  | 'closed'
  | 'io'
  | 'unavailable'
  | 'fenced'
  | 'locked'
  | 'corrupt'
  | 'foreign';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** `ENOSPC: no space left on device` of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return isObject(error) && typeof error.message === 'string' ? error.message : String(error);
}

/** By shape, not by class: errors of the system may come from another realm (a worker, a test's sandbox). */
export function hasErrno(error: unknown, errno: string): boolean {
  return isObject(error) && error.code === errno;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
