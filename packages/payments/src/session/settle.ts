import type { FieldName } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import type { PaymentOperation } from '../charge/operation.ts';
import { isOpenAttempt, paymentEventOf, resultOf, settled } from '../charge/outcome.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { fieldsToFix, keepRest, refusedField, whatToFix } from './after-decline.ts';
import { attentionEvent } from './attention.ts';
import type { ServiceContext } from './context.ts';
import { forgetIfOver } from './departure.ts';
import { type Fields, resetFields, wipedFields } from './fields.ts';
import type { EventDraft } from './ledger.ts';
import type { SessionRecord } from './record.ts';
import { nextPaymentStatus, type PaymentEvent } from './status-machine.ts';

/** `failureCode` of a charge that was undone by our key. */
export const REVERSED = 'charge_reversed';

/**
 * Records what became of a charge: attempt, payment and event in one change. Runs in the session's turn. The card is wiped first on
 * every outcome but one, so that no failing store can keep it. An attempt that is settled already stays as it is. `operation`: the
 * step that settled it.
 */
export async function settle(
  context: ServiceContext,
  attempt: ChargeAttempt,
  outcome: ChargeOutcome,
  operation?: PaymentOperation,
): Promise<SessionRecord> {
  const { deps, ledger } = context;
  const record = deps.store.session(attempt.session);
  if (record === undefined) throw new Error(`session ${attempt.session} is not in the store`);
  const current = deps.store.attempt(attempt.id);
  if (current === undefined) return record;
  if (!isOpenAttempt(current)) {
    if (outcome.kind === 'approved') await approvedLate(context, current, outcome);
    return record;
  }
  const live = context.live.get(record.id);
  const on = paymentEventOf(outcome, live?.closed === false && live.vault.account.length > 0);
  if (nextPaymentStatus(record.status, on) === undefined) return record;
  // The call stays with these two: another card may be keyed once it is known that this one was declined.
  const refused = on === 'charge-declined' ? refusedField(record.fields, live, outcome) : undefined;
  if (refused !== undefined && live !== undefined) keepRest(context, live, refused);
  else if (on === 'charge-declined' || on === 'charge-unknown') live?.forgetCard();
  else if (on !== 'charge-not-sent') live?.close();
  const changed = await ledger.change(record.id, {
    on,
    attempt: settled(current, outcome, deps.scheduler.wallMs()),
    patch: { fields: fieldsAfter(record, on, refused), result: resultOf(outcome) },
    events: [eventOf(current, outcome, on, record.fields, refused)],
    ...(operation === undefined ? {} : { operation }),
  });
  forgetIfOver(context, changed);
  // Harmless when the call is back already.
  if (on === 'charge-approved') deps.calls.restore(record.id, 'approved');
  if (on === 'charge-failed') deps.calls.restore(record.id, 'failed');
  return changed;
}

/**
 * Said otherwise already, and perhaps charged again: money has moved that nobody is told of. Voided where its gateway can, told to
 * people where it cannot. What was undone by our key is no news: the gateway has promised that no money will move.
 */
async function approvedLate(
  context: ServiceContext,
  settledBefore: ChargeAttempt,
  { gatewayId }: Extract<ChargeOutcome, { readonly kind: 'approved' }>,
): Promise<void> {
  const { state, result, approvedLate: isKnown } = settledBefore;
  if (state === 'approved' || isKnown || result.failureCode === REVERSED) return;
  const attempt = {
    ...settledBefore,
    approvedLate: true,
    gatewayId: gatewayId ?? settledBefore.gatewayId ?? null,
  };
  const operation = context.wired.operations?.lateVoid(attempt);
  const what = operation === undefined ? 'refund it' : 'it is being voided';
  await context.ledger.change(attempt.session, {
    attempt,
    ...(operation === undefined ? {} : { operation }),
    events: [
      attentionEvent(context, attempt, {
        code: 'approved_late',
        message: `a charge that was settled as ${state} is approved at the gateway: ${what}`,
      }),
    ],
  });
  // Should its outcome not be stored, it is followed.
  if (operation !== undefined) context.wired.operations?.carryOut(operation).catch(() => {});
}

function declineData(outcome: ChargeOutcome) {
  const { declineCode, declineCategory, retry } = resultOf(outcome);
  return { decline_code: declineCode, decline_category: declineCategory, retry };
}

function fieldsAfter({ fields }: SessionRecord, on: PaymentEvent, refused: FieldName | undefined): Fields {
  if (on === 'charge-not-sent') return fields;
  if (refused !== undefined) return fieldsToFix(fields, refused);
  return on === 'charge-declined' ? resetFields(fields) : wipedFields(fields);
}

function eventOf(
  attempt: ChargeAttempt,
  outcome: ChargeOutcome,
  on: PaymentEvent,
  fields: Fields,
  refused: FieldName | undefined,
): EventDraft {
  const reference = attempt.key;
  const { amount, currency } = attempt.intent;
  switch (outcome.kind) {
    case 'approved':
      return {
        type: 'payment.approved',
        data: { auth_code: outcome.authCode, token: outcome.token, amount, currency, reference },
      };
    case 'declined':
      return {
        type: 'payment.declined',
        data: { ...declineData(outcome), ...whatToFix(fields, refused), reference },
      };
    case 'unknown':
      return {
        type: 'payment.unknown',
        data: {
          failure_code: outcome.code,
          reference,
          message: `the outcome is not known yet: do not take the payment again; reference ${reference}`,
        },
      };
    case 'not_sent':
      if (on === 'charge-not-sent')
        return { type: 'session.ready_to_confirm', data: { failure_code: outcome.code, retryable: true } };
      return { type: 'payment.failed', data: { failure_code: outcome.code, reference } };
    case 'failed':
      return { type: 'payment.failed', data: { failure_code: outcome.code, reference } };
  }
}
