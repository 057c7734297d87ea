/**
 * A charge is given up as unknown after this long, whatever the gateway's client does: the agent and the customer wait, and the card
 * must not stay in memory (payments: wipe within 20 s).
 */
export const CHARGE_LIMIT_MS = 20_000;

/** Pauses before the same charge is said again to a gateway that gives its first answer again, while the card is still here. */
export const REPLAY_AFTER_MS: readonly number[] = [2_000, 4_000, 8_000];
