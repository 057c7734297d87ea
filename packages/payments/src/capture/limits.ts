/** Limits of collecting one field by key press. Times in ms. */

/** The agent says "please key your card"; the customer looks for it first. */
export const FIRST_KEY_TIMEOUT_MS = 30_000;

/**
 * Between two keys of an unfinished field. Longer than an unattended IVR's 5 s: here people talk meanwhile ("sorry, can you say that
 * again"), and the agent can always start the field over.
 */
export const NEXT_KEY_TIMEOUT_MS = 15_000;

/** A whole field, however busily keys keep coming. */
export const FIELD_TIMEOUT_MS = 60_000;

/** Where more digits could follow but need not (a Visa of 16 that might have 19): a pause this long ends the field. */
export const PAUSE_ENDS_FIELD_MS = 2_000;

/** The same for fields of no fixed length (postal code, bank account), where people pause in the middle. */
export const PAUSE_ENDS_OPEN_FIELD_MS = 5_000;

/** Rejected tries of one field before the agent has to find another way. */
export const FIELD_ATTEMPTS_MAX = 3;

/**
 * Size of every buffer that holds card data. Typed arrays of 64 bytes and less live on the garbage-collected heap, which copies them
 * and leaves the copies behind; from 256 bytes on they are outside of it and zeroing is final (design rule 6).
 */
export const CARD_BUFFER_BYTES = 512;
