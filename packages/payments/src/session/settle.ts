import type { FieldName } from '@sordino/core';
import type { ChargeAttempt } from '../charge/attempt.ts';
import type { PaymentOperation } from '../charge/operation.ts';
import { isOpenAttempt, paymentEventOf, resultOf, settled } from '../charge/outcome.ts';
import type { ChargeOutcome } from '../gateways/outcome.ts';
import { fieldsToFix, keepRest, refusedField, whatToFix } from './after-decline.ts';
import type { ServiceContext } from './context.ts';
import { forgetIfOver } from './departure.ts';
import { type Fields, resetFields, wipedFields } from './fields.ts';
import { lateWord } from './late-word.ts';
import type { EventDraft } from './ledger.ts';
import type { SessionRecord } from './record.ts';
import { nextPaymentStatus, type PaymentEvent } from './status-machine.ts';

/** Besides the gateway's own word. */
export interface Settling {
  /** The step that settled it. */
  readonly operation?: PaymentOperation;
  /** A person has looked it up. */
  readonly byHand?: { readonly gatewayId: string | null; readonly note: string };
}

/**
 * Records what became of a charge: attempt, payment and event in one change. Runs in the session's turn. The card is wiped first on
 * every outcome but one, so that no failing store can keep it. An attempt that is settled already stays as it is.
 */
export async function settle(
  context: ServiceContext,
  attempt: ChargeAttempt,
  outcome: ChargeOutcome,
  { operation, byHand }: Settling = {},
): Promise<SessionRecord> {
  const { deps, ledger } = context;
  const record = deps.store.session(attempt.session);
  if (record === undefined) throw new Error(`session ${attempt.session} is not in the store`);
  const current = deps.store.attempt(attempt.id);
  if (current === undefined) return record;
  if (!isOpenAttempt(current)) {
    await lateWord(context, current, outcome);
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
  const event = eventOf(current, outcome, on, record.fields, refused);
  const over = settled(current, outcome, deps.scheduler.wallMs());
  const found = byHand && { gateway_id: byHand.gatewayId, note: byHand.note };
  const changed = await ledger.change(record.id, {
    on,
    attempt: byHand ? { ...over, gatewayId: byHand.gatewayId ?? over.gatewayId, byHand: 'unopposed' } : over,
    patch: { fields: fieldsAfter(record, on, refused), result: resultOf(outcome) },
    events: [found === undefined ? event : { ...event, data: { ...event.data, by_hand: found } }],
    ...(operation === undefined ? {} : { operation }),
  });
  forgetIfOver(context, changed);
  // Harmless when the call is back already.
  if (on === 'charge-approved') deps.calls.restore(record.id, 'approved');
  if (on === 'charge-failed') deps.calls.restore(record.id, 'failed');
  return changed;
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
