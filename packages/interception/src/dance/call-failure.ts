import type { CallFailure, CallFailureCode } from '../events.ts';

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
