import type { ChargeAttempt } from '../charge/attempt.ts';
import type { ServiceContext } from './context.ts';
import type { EventDraft } from './ledger.ts';

type AttentionCode =
  | 'outcome_still_unknown'
  | 'operation_still_unknown'
  | 'approved_late'
  | 'late_approval_not_voided'
  | 'reported_otherwise';

export interface Attention {
  readonly code: AttentionCode;
  readonly message: string;
}

/** A person has to look at this money: an event for whoever is subscribed, and a line in the log for whoever is not. */
export function attentionEvent(
  { deps }: ServiceContext,
  attempt: ChargeAttempt,
  attention: Attention,
): EventDraft {
  const { session, key: reference } = attempt;
  deps.log.error(attention.message, { session, reference, code: attention.code });
  return { type: 'payment.attention_needed', data: { ...attention, reference } };
}

export async function raise(
  context: ServiceContext,
  attempt: ChargeAttempt,
  attention: Attention,
): Promise<void> {
  const event = attentionEvent(context, attempt, attention);
  await context.queues.run(attempt.session, () =>
    context.ledger.change(attempt.session, { events: [event] }),
  );
}
