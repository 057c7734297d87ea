import type { ChargeOutcome } from '../gateways/outcome.ts';
import type { PaymentEvent } from '../session/status-machine.ts';
import type { AttemptState, ChargeAttempt, PaymentResult } from './attempt.ts';
import { adviceOf, shownOf } from './decline.ts';

/** `failureCode` of a charge that was undone by our key. */
export const REVERSED = 'charge_reversed';

export const NO_RESULT: PaymentResult = {
  ...{ authCode: null, token: null },
  ...{ declineCode: null, declineCategory: null, retry: null },
  failureCode: null,
};

/** The attempt with what became of it. */
export function settled(attempt: ChargeAttempt, outcome: ChargeOutcome, nowMs: number): ChargeAttempt {
  return {
    ...attempt,
    state: stateOf(outcome),
    result: resultOf(outcome),
    gatewayId: (outcome.kind === 'approved' ? outcome.gatewayId : undefined) ?? attempt.gatewayId ?? null,
    advice: outcome.kind === 'declined' ? adviceOf(outcome) : null,
    updated: nowMs,
  };
}

export function resultOf(outcome: ChargeOutcome): PaymentResult {
  switch (outcome.kind) {
    case 'approved':
      return { ...NO_RESULT, authCode: outcome.authCode, token: outcome.token };
    case 'declined':
      return { ...NO_RESULT, ...shownOf(outcome) };
    case 'not_sent':
    case 'failed':
    case 'unknown':
      return { ...NO_RESULT, failureCode: outcome.code };
  }
}

/** How the payment moves. A charge that was not sent can be sent again only while the card is still here. */
export function paymentEventOf(outcome: ChargeOutcome, cardIsHere: boolean): PaymentEvent {
  switch (outcome.kind) {
    case 'approved':
      return 'charge-approved';
    case 'declined':
      return 'charge-declined';
    case 'unknown':
      return 'charge-unknown';
    case 'failed':
      return 'charge-failed';
    case 'not_sent':
      return cardIsHere ? 'charge-not-sent' : 'charge-failed';
  }
}

const stateOf = (outcome: ChargeOutcome): AttemptState => outcome.kind;

export const isOpenAttempt = (attempt: ChargeAttempt): boolean =>
  attempt.state === 'sending' || attempt.state === 'unknown';
