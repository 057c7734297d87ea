/** Two requests one after the other stay below the charge limit of the session service (20 s), so that it is the gateway that says what was lost. */
export const CARD_TIMEOUT_MS = 6_000;
export const CONFIRM_TIMEOUT_MS = 12_000;
/** Of everything that is asked or done without a customer on the line. */
export const LATER_TIMEOUT_MS = 12_000;

/** The card's names and digits take some 300 bytes. At least 256, see `CARD_BUFFER_BYTES`. */
export const CARD_FORM_BYTES_MAX = 512;

/** Stripe keeps an idempotency key for at least 24 hours ("Idempotent requests"); after that the same request would charge again. */
export const REPLAY_WITHIN_MS = 23 * 3_600_000;

/** A new payment is found by search within a minute, in an outage up to an hour later ("Search": data freshness). */
export const SEARCH_SURE_AFTER_MS = 2 * 3_600_000;

/** Refunds of one payment that are looked through: Stripe's largest page. */
export const REFUNDS_MAX = 100;
