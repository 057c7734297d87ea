import type { EventType } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import { isOpenOperation, type OperationState, type PaymentOperation } from '../charge/operation.ts';
import { REVERSED } from '../charge/outcome.ts';
import type { FollowUpOutcome } from '../gateways/outcome.ts';
import { attentionEvent } from '../session/attention.ts';
import type { ServiceContext } from '../session/context.ts';
import type { EventDraft } from '../session/ledger.ts';
import { settle } from '../session/settle.ts';

const DONE = { settle: 'settled', void: 'voided', refund: 'refunded', cancel: 'voided' } as const;
const FAILED = {
  settle: 'settle_failed',
  void: 'void_failed',
  refund: 'refund_failed',
  cancel: 'void_failed',
} as const;

/**
 * Records what became of a step: step and event in one change, and only forward. Runs in the session's turn. `surelyNotSent`: this was the
 * first time that it was said, so "not sent" means that nobody has heard of it.
 */
export async function recordOutcome(
  context: ServiceContext,
  { id, session }: PaymentOperation,
  outcome: FollowUpOutcome,
  surelyNotSent: boolean,
): Promise<PaymentOperation | undefined> {
  const { store, scheduler } = context.deps;
  const current = store.operations(session).find((each) => each.id === id);
  const charge = current && store.attempt(current.attempt);
  if (current === undefined || charge === undefined) return current;
  const state = stateOf(outcome, surelyNotSent);
  if (!isOpenOperation(current) && !(current.state === 'pending' && isWord(state))) {
    if (isWord(state) && state !== current.state) await contradicted(context, charge, current, state);
    return current;
  }
  if (state === current.state) return current;
  const changed: PaymentOperation = {
    ...current,
    state,
    code: 'code' in outcome ? outcome.code : null,
    gatewayId: ('gatewayId' in outcome ? outcome.gatewayId : null) ?? current.gatewayId,
    updated: scheduler.wallMs(),
  };
  if (changed.kind === 'cancel' && state === 'done' && charge.state !== 'approved') {
    await settle(context, charge, { kind: 'failed', code: REVERSED }, { operation: changed });
    return changed;
  }
  await context.ledger.change(session, { operation: changed, events: eventsOf(context, charge, changed) });
  return changed;
}

/** What the gateway has decided, and not what we have failed to hear. */
const isWord = (state: OperationState): boolean => state === 'done' || state === 'refused';

function stateOf(outcome: FollowUpOutcome, surelyNotSent: boolean): OperationState {
  return outcome.kind === 'not_sent' && !surelyNotSent ? 'unknown' : outcome.kind;
}

function eventsOf(
  context: ServiceContext,
  charge: ChargeAttempt,
  { id, kind, why, amount, state, code }: PaymentOperation,
): EventDraft[] {
  const about = { operation: id, amount, currency: charge.intent.currency, reference: charge.key };
  const event = (name: (typeof DONE | typeof FAILED)[typeof kind], more: object): EventDraft => ({
    type: `payment.${name}` satisfies EventType,
    data: { ...about, ...more },
  });
  if (state === 'done') return [event(DONE[kind], {})];
  if (state !== 'refused') return [];
  // That it could not be undone by reference is no news: the outcome is still being asked for.
  if (why === 'outcome_unknown') return [];
  const events = [event(FAILED[kind], { failure_code: code })];
  if (why === 'late_approval')
    events.push(
      attentionEvent(context, charge, {
        code: 'late_approval_not_voided',
        message:
          'a charge that was settled otherwise is approved at the gateway, which refuses to void it: refund it',
      }),
    );
  return events;
}

/** The gateway says now what it had said otherwise: nothing goes back, and somebody has to look. */
async function contradicted(
  context: ServiceContext,
  charge: ChargeAttempt,
  { kind, state }: PaymentOperation,
  said: OperationState,
): Promise<void> {
  const event = attentionEvent(context, charge, {
    code: 'reported_otherwise',
    message: `the gateway reports a ${kind} as ${said} that is recorded as ${state}: look it up at the gateway`,
  });
  await context.ledger.change(charge.session, { events: [event] });
}
