import type { CallPlan } from '../plan/call-plan.ts';

/** A key that came out for the payment, in order. `atMs`: its onset, from the beginning of the call. */
export interface CapturedKey {
  readonly key: string;
  readonly atMs: number;
}

/** What became of one call. */
export interface CallOutcome {
  readonly plan: CallPlan;
  /** Leg 7 as the agent hears it, 8 kHz. It begins some time before the line does, or after it. */
  readonly masked: Int16Array;
  /** The same line without a mask, from its first sample on: the control. */
  readonly unmasked: Int16Array;
  readonly captured: readonly CapturedKey[];
  readonly lookbackMs: number;
}

const EVENT_CODES = '0123456789*#ABCD';

export const keyOfCode = (eventCode: number): string => EVENT_CODES[eventCode] ?? '?';
