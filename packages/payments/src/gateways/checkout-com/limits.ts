/** Two requests one after the other stay below the charge limit of the session service (20 s), so that it is the gateway that says what was lost. */
export const TOKEN_TIMEOUT_MS = 6_000;
export const PAYMENT_TIMEOUT_MS = 12_000;
/** Of everything that is asked or done without a customer on the line. */
export const LATER_TIMEOUT_MS = 12_000;

/** The card's names and digits take some 200 bytes. At least 256, see `CARD_BUFFER_BYTES`. */
export const CARD_JSON_BYTES_MAX = 512;

/** Keys of payments are kept for 24 hours ("Idempotency"); after that the same request would run again. */
export const REPLAY_WITHIN_MS = 23 * 3_600_000;

/** A token is good for 15 minutes and for one payment: after this long nothing new can come of it, and what did come of it is listed. */
export const LIST_SURE_AFTER_MS = 3_600_000;

/** `description` is at most 100 characters long. */
export const DESCRIPTION_CHARS_MAX = 100;

/** Payments of one reference and actions of one payment, some KB each; the transport takes no more. */
export const LIST_BYTES_MAX = 262_144;
