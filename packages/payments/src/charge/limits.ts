/**
 * A charge is given up as unknown after this long, whatever the gateway's client does: the agent and the customer wait, and the card
 * must not stay in memory (payments: wipe within 20 s).
 */
export const CHARGE_LIMIT_MS = 20_000;
