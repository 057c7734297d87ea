import { ok, type Result } from '@sordino/core';
import type { LiveSession } from './live-session.ts';
import { notNow } from './problems.ts';
import type { SessionRecord } from './record.ts';
import type { ServiceProblem } from './service.ts';
import { nextPaymentStatus } from './status-machine.ts';

type Refused = ReturnType<typeof notNow>;

/** The session that keys can be taken for now, or why not: says what to wait for. */
export function takingKeys(
  record: SessionRecord,
  live: LiveSession | undefined,
): Result<LiveSession, ServiceProblem> {
  if (record.status === 'created' || record.status === 'awaiting_media')
    return notNow(
      'not_ready',
      `wait for session.ready: the status is ${record.status} and the call is ${record.topology}; keys can be taken once the customer's ` +
        'audio arrives here and reaches the agent',
      true,
    );
  if (nextPaymentStatus(record.status, 'field-opened') === undefined) return whyOver(record);
  if (record.callEnded || record.topology === 'restoring' || live?.closed !== false)
    return notNow('call_handed_back', 'the call was handed back: create a new session for another payment');
  return ok(live);
}

/** Why the payment does not change any more, or not now. */
export function whyOver(record: SessionRecord): Refused {
  switch (record.status) {
    case 'processing':
      return notNow(
        'charge_in_progress',
        'the charge is under way: wait for payment.approved, declined or unknown',
        true,
      );
    case 'unknown':
      return notNow(
        'outcome_unknown',
        'the outcome of the charge is not known yet: do not take the payment again, wait for payment.approved or payment.declined',
      );
    case 'approved':
      return notNow(
        'already_approved',
        'the payment is approved: nothing more can be collected, charged or canceled',
      );
    default:
      return notNow('session_over', `the payment is ${record.status}: create a new session`);
  }
}
