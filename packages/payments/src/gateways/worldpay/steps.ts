import type { FollowUpRequest } from '../gateway.ts';
import type { FollowUpOutcome } from '../outcome.ts';
import type { Found } from './outcome-map.ts';

/** What is to be sent for a step: a link of the payment, and what it means when it is taken (202). */
export interface Step {
  readonly path: string;
  readonly taken: FollowUpOutcome;
}

const REFUND_BEGUN = ['sentforrefund', 'refunded'];
const CANCEL_BEGUN = ['sentforcancellation', 'cancelled'];
const SETTLE_BEGUN = ['sentforsettlement', 'settled', ...REFUND_BEGUN];

/**
 * Worldpay Access knows no keys, so each step is looked for before it is sent. Only whole amounts: a whole settlement or refund that is sent
 * twice because the look-up lags is refused there, a part would be moved twice.
 */
export function nextStep(
  { kind, charge, gatewayId, amount }: FollowUpRequest,
  { event, links }: Found,
): Step | FollowUpOutcome {
  const done = { kind: 'done', gatewayId } as const;
  const pending = { kind: 'pending', gatewayId } as const;
  const isWhole = amount === charge.amount;
  switch (kind) {
    case 'settle':
      if (!isWhole) return PARTS;
      if (SETTLE_BEGUN.includes(event)) return done;
      // "When you make your settle request, the payment event changes to sentForSettlement."
      return by(links.get('settle'), done);
    case 'refund':
      if (!isWhole) return PARTS;
      if (REFUND_BEGUN.includes(event)) return done;
      return by(links.get('refund'), pending);
    case 'void':
      if (CANCEL_BEGUN.includes(event) || REFUND_BEGUN.includes(event)) return done;
      // What is on its way to be settled is given back instead: nobody tells of that as of a cancellation.
      return links.has('cancel')
        ? by(links.get('cancel'), pending)
        : by(links.get('reverse') ?? links.get('refund'), done);
  }
}

const by = (path: string | undefined, taken: FollowUpOutcome): Step | FollowUpOutcome =>
  path === undefined ? { kind: 'refused', code: 'gateway_has_no_such_step' } : { path, taken };

const PARTS: FollowUpOutcome = { kind: 'refused', code: 'parts_not_supported' };
