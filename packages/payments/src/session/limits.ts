/** Limits of the session service. Times in ms. */

/** Live sessions of one process: each holds a key pair and a card buffer. Beyond it, create answers 503. */
export const LIVE_SESSIONS_MAX = 10_000;

/** Keys waiting to be opened, per session: a phone sends ten a second at most, so this is a flood and not a customer. */
export const PENDING_KEYS_MAX = 64;

/** From create to hand-back. An agent who has gone home must not leave a call diverted, nor digits in memory. */
export const SESSION_LIFETIME_MS = 30 * 60_000;

/** How long the platform has to send INVITE 5. */
export const START_TIMEOUT_MIN_MS = 1_000;
export const START_TIMEOUT_MAX_MS = 60_000;
export const START_TIMEOUT_DEFAULT_MS = 8_000;

/** Minor units; twelve digits are the amount field of ISO 8583, of which no gateway takes more than eight from a card. */
export const AMOUNT_MAX = 99_999_999;

/** As Stripe has them, so that a ported integration fits. */
export const METADATA_KEYS_MAX = 50;
export const METADATA_KEY_CHARACTERS_MAX = 40;
export const METADATA_VALUE_CHARACTERS_MAX = 500;

/** References, agent and call ids. */
export const TEXT_CHARACTERS_MAX = 255;

/** Charges of one session, declined ones included: more is a thief trying cards, not a customer. */
export const CHARGES_MAX = 5;

/**
 * After a lost answer the gateway is asked what became of the charge: this long after each time before. A minute in all, while the
 * agent still has the customer on the line; whatever stays open then is found out at the next start or by hand.
 */
export const RESOLVE_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const;

/**
 * After a decline of one field (a wrong security code) the rest of the card is kept so long, that the customer need not key all of it again.
 * Two minutes: to look for the card once more and to key three digits, and no longer than PCI DSS 3.3.1 can be argued for.
 */
export const KEPT_AFTER_DECLINE_MS = 120_000;

/** One page of a list. */
export const LIST_LIMIT_MAX = 100;

/**
 * What a gateway's client has begun (the card is in, the money has not moved) is finished without the card for so long after the attempt:
 * people are still waiting for it. Later it is only looked for. Far below the life of any gateway's keys.
 */
export const FINISH_WITHIN_MS = 60_000;
