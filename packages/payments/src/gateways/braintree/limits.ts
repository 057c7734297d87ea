/** Below the charge limit of the session service, so that it is the gateway that says what was lost. */
export const CHARGE_TIMEOUT_MS = 15_000;
export const ASK_TIMEOUT_MS = 5_000;

/** Some 500 bytes without the card. At least 256, see `CARD_BUFFER_BYTES`. */
export const BODY_BYTES_MAX = 2_048;

/** A transaction is some 10 KB of XML; with every member that an account may have, some more. */
export const ANSWER_BYTES_MAX = 128 * 1024;
/** Elements in elements; the deepest that the gateway sends is less than half of it. */
export const ANSWER_DEPTH_MAX = 24;

/** Transactions of one order id: the charge, and repetitions that the gateway rejected. */
export const FOUND_MAX = 10;
/** Refunds of one charge that are looked at before another. */
export const REFUNDS_MAX = 20;

/** A notice that was not taken is sent again for a day. */
export const NOTICE_AGE_MAX_MS = 25 * 60 * 60_000;
