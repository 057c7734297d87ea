import { nextState, type PaymentStatus, type TransitionTable } from '@sordino/core';

/*
 * The payment (design section 2). What happens to the call is another machine, in another package.
 *
 *   created --expected--> awaiting_media --media-ready--> ready <------------------+
 *                                                          |  ^                    |
 *                                              field-opened|  |field-closed        |digits-wiped
 *                                                          v  |                    |
 *                                        +------------- collecting <-+             |
 *                                        |fields-complete            |field-opened |
 *                                        v                           |             |
 *                                  ready_to_confirm -----------------+-------------+
 *                                     |         ^                    ^
 *                      charge-started |         | charge-not-sent    | field-opened (another card)
 *                                     v         |                    |
 *                                  processing --+-- charge-declined --> declined
 *                                     |   |                              ^
 *                     charge-approved |   | charge-unknown               | charge-declined
 *                                     v   v                              |
 *                               approved  unknown -----------------------+
 *                                     ^   |   |
 *                                     +---+   +-- charge-failed --> failed
 *
 *   canceled  by `canceled`  | from every state before the charge, and from declined
 *   expired   by `expired`   | from every state before the charge
 *   failed    by `failed`    | from every state before the charge; by `charge-failed` from processing and unknown
 *
 * From processing on, nothing that happens to the call changes the payment: only the gateway's answer does.
 */
export type PaymentEvent =
  | 'expected'
  | 'media-ready'
  | 'field-opened'
  | 'field-closed'
  | 'fields-complete'
  | 'digits-wiped'
  | 'charge-started'
  | 'charge-approved'
  | 'charge-declined'
  | 'charge-unknown'
  | 'charge-not-sent'
  | 'charge-failed'
  | 'canceled'
  | 'failed'
  | 'expired';

const beforeTheCharge = { canceled: 'canceled', failed: 'failed', expired: 'expired' } as const;

export const paymentTransitions = {
  created: { expected: 'awaiting_media', ...beforeTheCharge },
  awaiting_media: { 'media-ready': 'ready', ...beforeTheCharge },
  ready: { 'field-opened': 'collecting', ...beforeTheCharge },
  collecting: {
    'field-opened': 'collecting',
    'field-closed': 'ready',
    'fields-complete': 'ready_to_confirm',
    'digits-wiped': 'ready',
    ...beforeTheCharge,
  },
  ready_to_confirm: {
    'field-opened': 'collecting',
    'digits-wiped': 'ready',
    'charge-started': 'processing',
    ...beforeTheCharge,
  },
  processing: {
    'charge-approved': 'approved',
    'charge-declined': 'declined',
    'charge-unknown': 'unknown',
    'charge-not-sent': 'ready_to_confirm',
    'charge-failed': 'failed',
  },
  declined: { 'field-opened': 'collecting', canceled: 'canceled' },
  unknown: {
    'charge-approved': 'approved',
    'charge-declined': 'declined',
    'charge-failed': 'failed',
  },
  approved: {},
  failed: {},
  canceled: {},
  expired: {},
} as const satisfies TransitionTable<PaymentStatus, PaymentEvent>;

/** Where the event leads, or undefined where the payment does not take it. */
export const nextPaymentStatus = (status: PaymentStatus, event: PaymentEvent): PaymentStatus | undefined =>
  nextState<PaymentStatus, PaymentEvent>(paymentTransitions, status, event);

/** No charge was begun and none is known to be impossible: the states a call failure ends. */
export const isBeforeCharge = (status: PaymentStatus): boolean =>
  nextPaymentStatus(status, 'failed') !== undefined;

/** Nothing can change it any more. */
export const isFinal = (status: PaymentStatus): boolean =>
  Object.keys(paymentTransitions[status]).length === 0;
