/** What is counted: the caller's number, the card, the bank that issued it (its first digits, or a routing number), the tenant. */
export type VelocityKind = 'caller' | 'card' | 'bin' | 'tenant';

/** How many declined charges within `windowMs` end in a lock of `lockMs`. */
export interface VelocityLimits {
  readonly windowMs: number;
  readonly lockMs: number;
  readonly declines: Readonly<Record<VelocityKind, number>>;
}

/**
 * A customer tries a card twice and then another one; a thief tries cards until one works. Declines and not charges are counted, so that a
 * busy contact centre never comes near. Of all declines of a tenant some come from one large bank (its BIN) and from one switchboard.
 */
export const VELOCITY_LIMITS: VelocityLimits = {
  windowMs: 10 * 60_000,
  lockMs: 30 * 60_000,
  declines: { caller: 8, card: 5, bin: 25, tenant: 200 },
};

/** Of one process. The oldest goes first; to push one out takes as many declined cards. */
export const COUNTERS_MAX = 100_000;
