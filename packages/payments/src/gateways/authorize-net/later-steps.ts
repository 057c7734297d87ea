import { amountText } from '../amount-text.ts';
import type { FollowUpRequest } from '../gateway.ts';
import type { HttpOutcome } from '../http.ts';
import type { FollowUpOutcome } from '../outcome.ts';
import type { AuthorizeNetApi } from './api.ts';
import { readDetails, type Transaction } from './details.ts';
import { findTransaction } from './find-transaction.ts';
import { REFUND_LOOK_BACK_MS } from './limits.ts';
import { outcomeOfFollowUp } from './outcome-map.ts';
import { plainBody, referenceOf, refundRequest, settleRequest, voidRequest } from './requests.ts';

const AUTHORISED = new Set(['authorizedPendingCapture', 'authorizedPendingRelease']);
const SETTLED = new Set(['settledSuccessfully', 'returnedItem', 'chargeback', 'chargebackReversal']);
const ON_ITS_WAY = new Set([
  ...['capturedPendingSettlement', 'pendingSettlement', 'pendingFinalSettlement', 'updatingSettlement'],
  ...['couldNotVoid', 'approvedReview'],
]);

/**
 * Settles, voids or refunds. The gateway has no key by which the same step again is known, so the charge is looked at first: a step that
 * its state shows to be done is not done again, and one that its state does not allow is refused before it is sent.
 */
export async function followUp(
  api: AuthorizeNetApi,
  request: FollowUpRequest,
  nowMs: number,
): Promise<FollowUpOutcome> {
  const { kind, gatewayId } = request;
  const looked = await api.ask('getTransactionDetailsRequest', { transId: gatewayId });
  const charge = readDetails(looked);
  if (charge === undefined) return notLooked(looked);
  switch (kind) {
    case 'settle':
      return await settle(api, request, charge);
    case 'void':
      return await voidIt(api, request, charge);
    case 'refund':
      return await refund(api, request, charge, nowMs);
  }
}

async function settle(
  api: AuthorizeNetApi,
  { key, gatewayId, amount, charge: { currency } }: FollowUpRequest,
  { status, settleAmount }: Transaction,
): Promise<FollowUpOutcome> {
  const text = amountText(amount, currency);
  if (ON_ITS_WAY.has(status) || SETTLED.has(status))
    return settleAmount === Number(text)
      ? { kind: 'done', gatewayId }
      : { kind: 'refused', code: 'already_settled' };
  if (!AUTHORISED.has(status)) return { kind: 'refused', code: `status_${status}` };
  return await act(api, settleRequest(gatewayId, key, text));
}

async function voidIt(
  api: AuthorizeNetApi,
  { key, gatewayId }: FollowUpRequest,
  { status }: Transaction,
): Promise<FollowUpOutcome> {
  if (status === 'voided') return { kind: 'done', gatewayId };
  if (SETTLED.has(status)) return { kind: 'refused', code: 'already_settled' };
  return await act(api, voidRequest(gatewayId, key));
}

/** Money that was not settled yet is not given back but voided: the gateway refuses it (reason 54). */
async function refund(
  api: AuthorizeNetApi,
  { key, gatewayId, amount, charge: { currency } }: FollowUpRequest,
  { status, maskedCard }: Transaction,
  nowMs: number,
): Promise<FollowUpOutcome> {
  if (AUTHORISED.has(status) || ON_ITS_WAY.has(status)) return { kind: 'refused', code: 'not_settled_yet' };
  if (!SETTLED.has(status)) return { kind: 'refused', code: `status_${status}` };
  const [lastFour] = /\d{4}$/.exec(maskedCard ?? '') ?? [];
  if (lastFour === undefined) return { kind: 'refused', code: 'card_not_named' };
  const earlier = await findTransaction(api, referenceOf(key), nowMs - REFUND_LOOK_BACK_MS, nowMs);
  if (earlier === 'failed') return { kind: 'unknown', code: 'look_up_failed' };
  if (earlier !== 'nowhere') return await becameOf(api, earlier.transId);
  return await act(
    api,
    refundRequest(gatewayId, key, { amount: amountText(amount, currency), currency, lastFour }),
  );
}

async function becameOf(api: AuthorizeNetApi, transId: string): Promise<FollowUpOutcome> {
  const earlier = readDetails(await api.ask('getTransactionDetailsRequest', { transId }));
  if (earlier === undefined) return { kind: 'unknown', code: 'look_up_failed' };
  if (/^refund(Pending|Settled)/.test(earlier.status)) return { kind: 'done', gatewayId: transId };
  return earlier.status === 'declined'
    ? { kind: 'refused', code: `reason_${earlier.reason ?? 'none'}` }
    : { kind: 'unknown', code: `status_${earlier.status}` };
}

const act = async (api: AuthorizeNetApi, members: object): Promise<FollowUpOutcome> =>
  outcomeOfFollowUp(await api.act(plainBody('createTransactionRequest', api.credentials, members)));

/** Nothing was sent but a question; an earlier try of the same step may have been done all the same. */
const notLooked = (http: HttpOutcome): FollowUpOutcome =>
  http.kind === 'not_sent'
    ? { kind: 'not_sent', code: 'gateway_unreachable' }
    : { kind: 'unknown', code: 'look_up_failed' };
