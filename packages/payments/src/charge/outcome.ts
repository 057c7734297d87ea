import type { ChargeOutcome } from '../gateways/outcome.ts';
import type { SessionRecord } from '../session/record.ts';
import type { PaymentEvent } from '../session/status-machine.ts';
import type { AttemptState, ChargeAttempt } from './attempt.ts';

const NOTHING = { authCode: null, token: null, declineCode: null, failureCode: null } as const;

/** The attempt with what became of it. */
export function settled(attempt: ChargeAttempt, outcome: ChargeOutcome, nowMs: number): ChargeAttempt {
  return {
    ...attempt,
    state: stateOf(outcome),
    result: resultOf(outcome),
    gatewayId: (outcome.kind === 'approved' ? outcome.gatewayId : undefined) ?? attempt.gatewayId ?? null,
    advice: (outcome.kind === 'declined' ? outcome.advice : undefined) ?? null,
    updated: nowMs,
  };
}

export function resultOf(outcome: ChargeOutcome): SessionRecord['result'] {
  switch (outcome.kind) {
    case 'approved':
      return { ...NOTHING, authCode: outcome.authCode, token: outcome.token };
    case 'declined':
      return { ...NOTHING, declineCode: outcome.declineCode };
    case 'not_sent':
    case 'failed':
    case 'unknown':
      return { ...NOTHING, failureCode: outcome.code };
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
