import { isObject, plain } from '../answer.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome } from '../outcome.ts';
import { codeOf, readAnswer, transIdOf } from './answers.ts';
import { approved } from './outcome-map.ts';
import { declined } from './reason-codes.ts';

/** A transaction as the gateway keeps it. */
export interface Transaction {
  readonly transId: string;
  readonly status: string;
  readonly invoiceNumber: string | null;
  readonly authCode: string | null;
  readonly reason: string | null;
  /** In the currency's major unit, as the gateway has it. */
  readonly settleAmount: number | null;
  /** `XXXX1111` */
  readonly maskedCard: string | null;
}

/** The money is on its way, or it went and was disputed later. */
const STANDS = new Set([
  ...['authorizedPendingCapture', 'capturedPendingSettlement', 'settledSuccessfully', 'pendingSettlement'],
  ...['pendingFinalSettlement', 'updatingSettlement', 'approvedReview', 'authorizedPendingRelease'],
  ...['couldNotVoid', 'returnedItem', 'chargeback', 'chargebackReversal'],
]);
const REFUSED_BY_BANK_OR_FILTER = new Set(['declined', 'failedReview']);

/** Nothing that was paid: another attempt with the same reference may have been. */
export const cameToNothing = (status: unknown): boolean =>
  typeof status === 'string' && (REFUSED_BY_BANK_OR_FILTER.has(status) || /Error$/.test(status));

/** The answer to `getTransactionDetailsRequest`; undefined: there was none that can be read. */
export function readDetails(http: HttpOutcome): Transaction | undefined {
  const found = readAnswer(http)?.members.transaction;
  if (!isObject(found)) return undefined;
  const transId = transIdOf(found.transId);
  const status = plain(found.transactionStatus);
  if (transId === null || status === null) return undefined;
  const { order, payment, settleAmount } = found;
  const card = isObject(payment) ? payment.creditCard : undefined;
  return {
    ...{ transId, status, authCode: plain(found.authCode), reason: codeOf(found.responseReasonCode) },
    invoiceNumber: isObject(order) ? plain(order.invoiceNumber) : null,
    settleAmount: typeof settleAmount === 'number' ? settleAmount : null,
    maskedCard: isObject(card) ? plain(card.cardNumber) : null,
  };
}

/*
 * What became of a charge, by its status:
 *
 *   authorised, captured, settled, disputed later     approved
 *   declined, failedReview                            declined, by its reason
 *   voided, expired                                   failed: no money will move
 *   held or under review                              unknown, until somebody decides
 *   communicationError, generalError, settlementError,
 *   and any that is not known                         unknown
 */
export function outcomeOfDetails({ status, transId, authCode, reason }: Transaction): ChargeOutcome {
  if (STANDS.has(status)) return approved(authCode, transId);
  if (REFUSED_BY_BANK_OR_FILTER.has(status)) return declined(reason);
  if (status === 'voided') return { kind: 'failed', code: 'charge_voided' };
  if (status === 'expired') return { kind: 'failed', code: 'authorization_expired' };
  if (/review$/i.test(status)) return { kind: 'unknown', code: 'held_for_review' };
  return { kind: 'unknown', code: `status_${status}` };
}
