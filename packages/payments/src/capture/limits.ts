/** Limits of collecting one field by key press. Times in ms. */

/** The agent says "please key your card"; the customer looks for it first. */
export const FIRST_KEY_TIMEOUT_MS = 30_000;

/**
 * Between two keys of an unfinished field, of a caller whose pace is not known yet. Longer than an unattended IVR's 5 s: here people
 * talk meanwhile ("sorry, can you say that again"), and the agent can always start the field over.
 */
export const NEXT_KEY_TIMEOUT_MS = 15_000;
/** The same for a caller who keys briskly, and for one who looks for every digit: the pace moves it between these. */
export const NEXT_KEY_TIMEOUT_MIN_MS = 10_000;
export const NEXT_KEY_TIMEOUT_MAX_MS = 30_000;

/** A whole field, however busily keys keep coming. */
export const FIELD_TIMEOUT_MS = 60_000;
/** The same for the slowest caller: two minutes are what agents are used to from other services. */
export const FIELD_TIMEOUT_MAX_MS = 120_000;

/** Gaps between keys from which a pace can be told: a group of four and one more. */
export const PACE_GAPS_MIN = 4;
/** A longer gap is a conversation; it counts as this much. */
export const PACE_GAP_MAX_MS = 6_000;

/** Where more digits could follow but need not (a Visa of 16 that might have 19): a pause this long ends the field. */
export const PAUSE_ENDS_FIELD_MS = 2_000;

/** The same for fields of no fixed length (postal code, bank account), where people pause in the middle. */
export const PAUSE_ENDS_OPEN_FIELD_MS = 5_000;

/** For a slow caller the pauses above grow, at most by this factor: whoever takes longer has ended the field. */
export const PAUSE_ENDS_FACTOR_MAX = 3;

/**
 * Two presses of one key cannot begin closer together: ITU-T Q.24 has tones and the pauses between them last 40 ms at least. A second
 * one within this time is the first one heard again.
 */
export const SAME_KEY_APART_MIN_MS = 80;

/**
 * The same key by another transport (a telephone-event and the tone that was left in the audio) within this time is one press. The relay
 * pairs them already; what is left are platforms that delay one of the two. People who press a key twice take about as long.
 */
export const OTHER_TRANSPORT_WITHIN_MS = 250;

/** Rejected tries of one field before the agent has to find another way. */
export const FIELD_ATTEMPTS_MAX = 3;

/**
 * Size of every buffer that holds card data. Typed arrays of 64 bytes and less live on the garbage-collected heap, which copies them
 * and leaves the copies behind; from 256 bytes on they are outside of it and zeroing is final (design rule 6).
 */
export const CARD_BUFFER_BYTES = 512;
