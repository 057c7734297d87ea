import { amountText } from '../amount-text.ts';
import type { FollowUpRequest } from '../gateway.ts';
import type { FollowUpOutcome } from '../outcome.ts';
import type { BraintreeApi } from './api.ts';
import { findTransaction } from './find-charge.ts';
import { REFUNDS_MAX } from './limits.ts';
import { outcomeOfFollowUp, readMade } from './outcome-map.ts';
import { refundBody, settleBody } from './requests.ts';
import { AUTHORISED, readTransaction, SETTLED, SUBMITTED, type Transaction } from './transaction.ts';

/**
 * Settles, voids or refunds. The gateway has no key by which the same step again is known, so the charge is looked at first: a step that
 * its state shows to be done is not done again, and one that its state does not allow is refused before it is sent.
 */
export async function followUp(api: BraintreeApi, request: FollowUpRequest): Promise<FollowUpOutcome> {
  const { kind, gatewayId } = request;
  const path = `/transactions/${encodeURIComponent(gatewayId)}`;
  const looked = await api.ask(path);
  const charge = readTransaction(readMade(looked, 'transaction'));
  // Nothing was sent but a question; an earlier try of the same step may have been done all the same.
  if (charge === undefined)
    return looked.kind === 'not_sent' ? { kind: 'not_sent', code: 'gateway_unreachable' } : LOOK_UP_FAILED;
  switch (kind) {
    case 'settle':
      return await settle(api, path, request, charge);
    case 'void':
      return await voidIt(api, path, charge);
    case 'refund':
      return await refund(api, path, request, charge);
  }
}

const LOOK_UP_FAILED = { kind: 'unknown', code: 'look_up_failed' } as const;

async function settle(
  api: BraintreeApi,
  path: string,
  { gatewayId, amount, charge: { currency } }: FollowUpRequest,
  charge: Transaction,
): Promise<FollowUpOutcome> {
  const text = amountText(amount, currency);
  if (SUBMITTED.has(charge.status))
    return Number(charge.amount) === Number(text)
      ? { kind: 'done', gatewayId }
      : { kind: 'refused', code: 'already_settled' };
  if (charge.status !== AUTHORISED) return { kind: 'refused', code: `status_${charge.status}` };
  return outcomeOfFollowUp(await api.act('PUT', `${path}/submit_for_settlement`, settleBody(text)));
}

async function voidIt(
  api: BraintreeApi,
  path: string,
  { id, status }: Transaction,
): Promise<FollowUpOutcome> {
  if (status === 'voided') return { kind: 'done', gatewayId: id };
  if (SETTLED.has(status)) return { kind: 'refused', code: 'already_settled' };
  return outcomeOfFollowUp(await api.act('PUT', `${path}/void`));
}

/** Money that has not begun to settle is not given back but voided. */
async function refund(
  api: BraintreeApi,
  path: string,
  { key, amount, charge: { currency } }: FollowUpRequest,
  { status, refundIds }: Transaction,
): Promise<FollowUpOutcome> {
  if (!SETTLED.has(status))
    return {
      ...{ kind: 'refused' },
      code: status === AUTHORISED || SUBMITTED.has(status) ? 'not_settled_yet' : `status_${status}`,
    };
  if (refundIds.length > REFUNDS_MAX) return { kind: 'refused', code: 'too_many_refunds' };
  for (const id of refundIds) {
    const earlier = await findTransaction(api, id);
    if (earlier === undefined) return LOOK_UP_FAILED;
    if (earlier.orderId === key) return becameOf(earlier);
  }
  return outcomeOfFollowUp(
    await api.act('POST', `${path}/refund`, refundBody(amountText(amount, currency), key)),
  );
}

function becameOf({ id, status }: Transaction): FollowUpOutcome {
  if (SUBMITTED.has(status)) return { kind: 'done', gatewayId: id };
  return status === 'authorizing'
    ? { kind: 'pending', gatewayId: id }
    : { kind: 'refused', code: `status_${status}` };
}
