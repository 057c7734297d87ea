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

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * When the gateway is asked what became of a charge or of a later step, counted from the lost answer. Often in the first minute, while the
 * agent still has the customer on the line; after a day somebody has to look it up at the gateway.
 */
export const RESOLVE_AT_MS: readonly number[] = [
  ...[1_000, 3_000, 7_000, 15_000, 30_000],
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 8, 12, 16, 20, 24].map((hours) => hours * HOUR_MS),
];

/**
 * A charge that the gateway has still not heard of by then was never made: twice the longest lag that any of our gateways names for its
 * look-up (Worldpay Access: 15 minutes).
 */
export const NEVER_MADE_AFTER_MS = 30 * MINUTE_MS;

/** The first round in which a charge is undone that nobody can tell of (`reverse_on_unknown`): the customer is still on the line. */
export const REVERSE_AFTER_MS = MINUTE_MS;

/** After a restart, open charges and steps are asked for this many at a time: a gateway that hangs must not keep the service down. */
export const RECOVERED_AT_ONCE = 16;

/** A step after a charge is given up as unknown after this long, whatever the gateway's client does. */
export const OPERATION_LIMIT_MS = 20_000;

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

/** A charge of unknown outcome may be overridden from this age on: nothing of ours can make it any more, the last request included. */
export const OVERRIDE_AFTER_MS = FINISH_WITHIN_MS + 20_000;
