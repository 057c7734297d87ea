import { describe, expect, it } from '@jest/globals';
import { edgesOf, type PaymentStatus } from '@sordino/core';
import {
  isBeforeCharge,
  isFinal,
  nextPaymentStatus,
  type PaymentEvent,
  paymentTransitions,
} from './status-machine.ts';

const EDGES = `
created --expected--> awaiting_media
created --canceled--> canceled
created --failed--> failed
created --expired--> expired
awaiting_media --media-ready--> ready
awaiting_media --canceled--> canceled
awaiting_media --failed--> failed
awaiting_media --expired--> expired
ready --field-opened--> collecting
ready --canceled--> canceled
ready --failed--> failed
ready --expired--> expired
collecting --field-opened--> collecting
collecting --field-closed--> ready
collecting --fields-complete--> ready_to_confirm
collecting --digits-wiped--> ready
collecting --canceled--> canceled
collecting --failed--> failed
collecting --expired--> expired
ready_to_confirm --field-opened--> collecting
ready_to_confirm --digits-wiped--> ready
ready_to_confirm --charge-started--> processing
ready_to_confirm --canceled--> canceled
ready_to_confirm --failed--> failed
ready_to_confirm --expired--> expired
processing --charge-approved--> approved
processing --charge-declined--> declined
processing --charge-unknown--> unknown
processing --charge-not-sent--> ready_to_confirm
processing --charge-failed--> failed
declined --field-opened--> collecting
declined --canceled--> canceled
unknown --charge-approved--> approved
unknown --charge-declined--> declined
unknown --charge-failed--> failed
`
  .trim()
  .split('\n');

const EVENTS: readonly PaymentEvent[] = [
  'expected',
  'media-ready',
  'field-opened',
  'field-closed',
  'fields-complete',
  'digits-wiped',
  'charge-started',
  'charge-approved',
  'charge-declined',
  'charge-unknown',
  'charge-not-sent',
  'charge-failed',
  'canceled',
  'failed',
  'expired',
];
const STATES = Object.keys(paymentTransitions) as PaymentStatus[];

describe('the payment machine', () => {
  it.each(EDGES)('%s', (edge) => {
    const [from, event, to] = edge.split(/ --|--> /) as [PaymentStatus, PaymentEvent, PaymentStatus];
    expect(nextPaymentStatus(from, event)).toBe(to);
  });

  it('has no edge but the named ones, over every state and event', () => {
    const taken = STATES.flatMap((state) =>
      EVENTS.flatMap((event) => {
        const to = nextPaymentStatus(state, event);
        return to === undefined ? [] : [`${state} --${event}--> ${to}`];
      }),
    );
    expect(taken.sort()).toEqual([...EDGES].sort());
    expect(edgesOf<PaymentStatus, PaymentEvent>(paymentTransitions).sort()).toEqual([...EDGES].sort());
  });

  it('lets nothing but a ready_to_confirm payment be charged', () => {
    expect(STATES.filter((state) => nextPaymentStatus(state, 'charge-started'))).toEqual([
      'ready_to_confirm',
    ]);
  });

  it('lets no call failure touch a payment that the gateway has seen', () => {
    expect(STATES.filter((state) => !isBeforeCharge(state))).toEqual([
      'processing',
      'declined',
      'unknown',
      'approved',
      'failed',
      'canceled',
      'expired',
    ]);
  });

  it('ends in four states', () => {
    expect(STATES.filter(isFinal)).toEqual(['approved', 'failed', 'canceled', 'expired']);
  });
});
