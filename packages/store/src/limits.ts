/** What the store keeps, and for how long. Everything else is forgotten, oldest first. */

/** A payment makes 50 to 300 events; ten times that is a call that was diverted all day. The oldest are forgotten. */
export const EVENTS_PER_SESSION_MAX = 5_000;

/** Two days of a busy centre, about 500 MB. Finished sessions are forgotten oldest first; live ones never. */
export const SESSIONS_KEPT_MAX = 50_000;

/** Hours that an idempotent answer is remembered: what Stripe promises, so what integrators expect. */
export const ANSWER_KEPT_MS = 24 * 60 * 60 * 1000;

/** Past this the oldest answers go early. Safe: a repeated confirm still meets the session's own state. */
export const ANSWERS_KEPT_MAX = 200_000;

/** One commit on disk. A session with all its events of one step is a few KB. */
export const JOURNAL_LINE_BYTES_MAX = 4 * 1024 * 1024;

/** Commits that share one fsync: bounds what one write call holds in memory. */
export const JOURNAL_BATCH_BYTES_MAX = 1024 * 1024;

/** The journal is rewritten small at each start; past this a running process asks to be restarted. */
export const JOURNAL_BYTES_WARN = 1024 * 1024 * 1024;

/** Events of one line when the journal is rewritten, so that no line comes near `JOURNAL_LINE_BYTES_MAX`. */
export const COMPACTED_EVENTS_PER_LINE = 500;

/** Redis on a local network answers in one; past this it counts as away, and running calls go on without it. */
export const REDIS_ANSWER_MAX_MS = 1_000;

/** How long a request waits to hear whether Redis took its change before it fell silent; then it is refused and taken back. */
export const REDIS_DOUBT_MAX_MS = 3_000;

/** Between two looks whether Redis is back. */
export const REDIS_PROBE_EVERY_MS = 250;

/** A process that was not heard of for so long is gone. Longer than a failover of Sentinel or Cluster with their usual settings. */
export const REDIS_LEASE_MS = 30_000;

/** Between two comparisons of everything with Redis, for what no other sign tells (a failover that lost the last second). */
export const REDIS_COMPARE_EVERY_MS = 60_000;

/** Finished sessions and their events, after their last change: as long as a webhook may be late, twice. */
export const REDIS_SESSION_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** Sessions with something open. Their process writes again what is missing; these are the ones of a process that never came back. */
export const REDIS_OPEN_SESSION_KEPT_MS = 35 * 24 * 60 * 60 * 1000;

/** After a session was forgotten: longer than any command can be under way. */
export const REDIS_TOMBSTONE_MS = 10 * 60 * 1000;

/** Sessions that are read, or written anew, at a time: bounds what one turn of the event loop does. */
export const REDIS_SESSIONS_PER_ROUND = 100;

/** A start waits so long for Redis, then goes on without. */
export const REDIS_START_WAIT_MS = 5_000;

/** Answers that wait for Redis to be back: some minutes of a busy centre. The oldest are then known to this process only. */
export const REDIS_ANSWERS_WAITING_MAX = 10_000;
