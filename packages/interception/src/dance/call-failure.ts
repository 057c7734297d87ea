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

/** CANCEL of leg 5, or its transport is gone, before the commit point. */
export function leg5Canceled({ status = 487, how }: SipLegEnd): CallFailure {
  return { ...failed('leg5_canceled', 'leg5_in'), outcome: 'canceled', sip: { status, reason: how } };
}
