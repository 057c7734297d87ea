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
