import type { EventEnvelope, SessionId } from '@sordino/core';
import type { ChargeAttempt, PaymentOperation, SessionRecord, WebhookCursor } from '@sordino/payments';

/** Everything there is of one session. */
export interface SessionImage {
  readonly session?: SessionRecord;
  readonly events: readonly EventEnvelope[];
  readonly attempts: readonly ChargeAttempt[];
  readonly operations: readonly PaymentOperation[];
  readonly cursors: readonly WebhookCursor[];
}

/** In the journal of a process: from here on the session is another one's. */
export interface Relinquished {
  readonly relinquished: SessionId;
}
