/** Every limit and timer of the call model, with its reason. Timers that a platform's profile holds take their defaults from here. */

/** Design section 7: leg 7 refused or no answer in 2 s. Longer and the agent has noticed. */
export const LEG7_ANSWER_TIMEOUT_MS = 2_000;

/**
 * An INVITE with Replaces to its final answer. Long, for the two talk on meanwhile, and because the CANCEL that follows can cross a 200
 * that has moved the customer.
 */
export const REPLACES_ANSWER_TIMEOUT_MS = 10_000;

/** Design section 7: no customer media 5 s after the commit point. */
export const FIRST_MEDIA_TIMEOUT_MS = 5_000;

/** Design section 7: customer RTP stops 5 s while engaged (the leg shows `stalled` from 2 s on). */
export const STALLED_MEDIA_TIMEOUT_MS = 5_000;

/** Rule 5: no restore until 1.5 s after the last key, or the rest of a number would go to the agent in the clear. */
export const KEY_GUARD_MS = 1_500;

/** A key that is down for half a minute is a phone that is stuck: it tells one digit, and people want their call back. */
export const KEY_GUARD_MAX_MS = 30_000;

/** Rule 5: the customer has left us when no packet came for 500 ms … */
export const CUSTOMER_QUIET_MS = 500;

/** … and we wait for that no longer than 3 s once leg 7 is gone. */
export const LINGER_MAX_MS = 3_000;

/** Design section 5 (c): the platform has 5 s to close leg 7 itself. */
export const LEG7_CLOSE_TIMEOUT_MS = 5_000;

/** Design section 7, restoring: after 10 s with the customer still here the session is degraded and an alarm is logged. */
export const TAKE_BACK_TIMEOUT_MS = 10_000;

/** 64*T1 of RFC 3261 §17.1.1.2: so long an INVITE to a number that was given out may still be on its way. */
export const NUMBER_COOL_DOWN_MS = 32_000;

/** How often a platform is asked by OPTIONS whether it is there: an outage is seen within a minute or two. */
export const PROBE_INTERVAL_S = 60;

/** An OPTIONS without an answer: timer F of RFC 3261 is 32 s, far beyond the time in which a platform must take leg 7. */
export const PROBE_TIMEOUT_MS = 4_000;

/** Probes on request may follow each other this closely; one at a time in any case. */
export const PROBE_PAUSE_MS = 1_000;

/** A relay worker died: where no other is alive, so long may a new one take to start. It takes a few hundred ms of an idle machine. */
export const MOVE_OPEN_TIMEOUT_MS = 3_000;

/** … and so long may legs 5 and 7 take to answer their new address: one round trip, with room for two retransmissions (RFC 3261 §17.1.1.2). */
export const MOVE_ANSWER_TIMEOUT_MS = 2_000;

/** Design section 7, glare: RFC 3261 §14.1 tries again after up to 4 s, both sides, and perhaps not once only. */
export const GLARE_HOLD_MS = 20_000;

/** How often the relay is asked whether the customer has gone quiet, or still keys. */
export const QUIET_POLL_MS = 100;

/** Live calls in one process: each holds two port pairs and two dialogs. */
export const CALLS_MAX = 500;

/** Legs of finished sessions that stay readable; the oldest are forgotten first. */
export const FINISHED_KEPT_MAX = 1_000;

/** Calls whose number of diversions is remembered. */
export const CYCLES_KEPT_MAX = 10_000;
