import { isObject, plain } from '../answer.ts';
import type { ChargeOutcome } from '../outcome.ts';
import { declined, declinedByProcessor, rejected } from './processor-codes.ts';

/** A transaction as the gateway keeps it: a sale, or the credit of a refund. */
export interface Transaction {
  readonly id: string;
  readonly status: string;
  readonly type: string | null;
  readonly orderId: string | null;
  /** Lower case. */
  readonly currency: string | null;
  /** In the currency's major unit. */
  readonly amount: string | null;
  readonly authCode: string | null;
  readonly responseCode: unknown;
  readonly responseType: unknown;
  readonly rejection: unknown;
  readonly refundIds: readonly string[];
}

/** Undefined: it is none. */
export function readTransaction(value: unknown): Transaction | undefined {
  if (!isObject(value)) return undefined;
  const id = plain(value.id);
  const status = plain(value.status);
  if (id === null || status === null) return undefined;
  return {
    ...{ id, status, type: plain(value.type), orderId: plain(value.order_id) },
    currency: plain(value.currency_iso_code)?.toLowerCase() ?? null,
    ...{ amount: plain(value.amount), authCode: plain(value.processor_authorization_code) },
    ...{ responseCode: value.processor_response_code, responseType: value.processor_response_type },
    rejection: value.gateway_rejection_reason,
    refundIds: (Array.isArray(value.refund_ids) ? value.refund_ids : [])
      .map(plain)
      .filter((one) => one !== null),
  };
}

export const AUTHORISED = 'authorized';
/** Submitted, and on its way or there. */
export const SUBMITTED: ReadonlySet<string> = new Set([
  ...['submitted_for_settlement', 'settlement_pending', 'settling', 'settlement_confirmed', 'settled'],
]);
/** Only what has begun to settle can be given back; before that it is voided. */
export const SETTLED: ReadonlySet<string> = new Set(['settling', 'settlement_confirmed', 'settled']);

/*
 * What became of a charge, by its status:
 *
 *   authorized, submitted_for_settlement, settling, settled, …   approved
 *   processor_declined                                           declined, by the processor's code
 *   gateway_rejected                                             declined, by the rule that rejected it
 *   failed                                                       declined: the processor was not reached
 *   voided, authorization_expired, settlement_declined           failed: no money will move
 *   authorizing, and any that is not known                       unknown
 *   approved, but in another currency                            unknown: the connector names the wrong merchant account
 */
export function outcomeOfTransaction(transaction: Transaction, currency: string): ChargeOutcome {
  const { id, status, authCode, responseCode, responseType, rejection } = transaction;
  if (status === AUTHORISED || SUBMITTED.has(status))
    return transaction.currency === currency
      ? { kind: 'approved', authCode, token: null, gatewayId: id }
      : { kind: 'unknown', code: 'charged_in_another_currency' };
  switch (status) {
    case 'processor_declined':
      return declinedByProcessor(responseCode, responseType);
    case 'gateway_rejected':
      return rejected(rejection);
    case 'failed':
      return declined('issuer_down', plain(responseCode));
    case 'voided':
      return { kind: 'failed', code: 'charge_voided' };
    case 'authorization_expired':
    case 'settlement_declined':
      return { kind: 'failed', code: status };
    default:
      return { kind: 'unknown', code: `status_${status}` };
  }
}
