import type { EventType } from '@sordino/core';

/**
 * Where one payment stands when its process is killed: at a change of the store, before it is written or after it is on disk and before
 * anybody is told; or at the gateway, before the first byte has left or after the answer has come.
 */
export interface KillPoint {
  readonly at: 'before' | 'after';
  readonly event: EventType | 'gateway';
}

/** Every step of a payment that changes something, in their order. */
export const STEPS: readonly KillPoint['event'][] = [
  'session.created',
  'session.engaged',
  'session.ready',
  'field.collecting',
  'field.progress',
  'field.captured',
  'session.ready_to_confirm',
  'payment.processing',
  'gateway',
  'payment.approved',
  'payment.declined',
  'payment.unknown',
];

export interface PlannedPayment {
  /** In `metadata.plan` of its session. */
  readonly name: string;
  readonly point: KillPoint;
  /** `pays`: the card is approved. */
  readonly card: 'pays' | 'declines';
}

const CARDS = ['pays', 'declines'] as const;

/** Each point, with a card that pays and one that does not, three times. */
export const PLAN: readonly PlannedPayment[] = [1, 2, 3].flatMap((turn) =>
  STEPS.flatMap((event) =>
    (['before', 'after'] as const).flatMap((at) =>
      CARDS.map((card) => ({ name: `${turn} ${at} ${event} ${card}`, point: { at, event }, card })),
    ),
  ),
);

/**
 * Whose charges the gateway spoils: those that have no outcome without it, and those for which any will do. Each other one is to have its own, approved
 * or declined, so it comes to the gateway after all of these.
 */
export const isSpoiled = ({ at, event }: KillPoint): boolean =>
  event === 'payment.unknown' || (event === 'gateway' && at === 'after');

export interface PayingSetup {
  readonly directory: string;
  readonly gatewayUrl: string;
}

/** From the child, when every payment stands where it is to be killed or has gone by that point. */
export interface AllStand {
  readonly held: readonly string[];
  readonly passed: readonly string[];
}
