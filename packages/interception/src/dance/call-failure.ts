import type { CallFailure, CallFailureCode } from '../events.ts';
import type { SipLegEnd } from '../ports/sip-calls.ts';

/** A failure that leaves customer and agent in their call; whoever knows better says so. */
export function failed(code: CallFailureCode, leg: string, status?: number, text?: string): CallFailure {
  return {
    outcome: 'failed',
    code,
    callSafe: true,
    leg,
    sip: status === undefined ? null : { status, reason: text ?? code },
  };
}

/** We were asked to hand back what we never had. */
export const releasedEarly = (status: number, reason: string): CallFailure => ({
  ...failed('released', 'leg5_in', status, reason),
  outcome: 'canceled',
});

/** CANCEL of leg 5, or its transport is gone. */
export const leg5Canceled = ({ status = 487, how }: SipLegEnd): CallFailure => ({
  ...failed('leg5_canceled', 'leg5_in', status, how),
  outcome: 'canceled',
});

/** A hand-back that was asked for while the call was just being taken. */
export interface LateRelease {
  readonly reason: string;
  readonly failure: CallFailure | undefined;
}

/** Our INVITE with Replaces came to nothing, which is what was wanted where the call was to be handed back anyhow. */
export function notTaken({ status, reason, how }: SipLegEnd, late: LateRelease | undefined): CallFailure {
  if (late !== undefined) return late.failure ?? releasedEarly(status ?? 487, late.reason);
  return failed('replaces_refused', 'leg5_in', status, reason ?? how);
}
