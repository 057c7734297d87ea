import type { GatewayReply } from '../../gateway/server.ts';
import type { Account, Invalid, Transaction } from './account.ts';
import { checkedAnswer } from './schemas.ts';
import type { Verdict } from './test-cards.ts';
import { toXml } from './to-xml.ts';

export function xml(status: number, root: string, value: object): GatewayReply {
  checkedAnswer({ [root]: value });
  const headers = { 'content-type': 'application/xml; charset=utf-8' };
  return { status, body: toXml(root, value), headers };
}

/** An error without a body of its own. */
export const bare = (status: number): GatewayReply => ({
  ...{ status, body: ' ', headers: { 'content-type': 'application/xml; charset=utf-8' } },
});

/** A new transaction: 201 when it was authorised, else 422 with why not. */
export function made(account: Account, transaction: Transaction): GatewayReply {
  const described = describe(account, transaction);
  const { status } = transaction.verdict;
  if (status === 'authorized') return xml(201, 'transaction', described);
  const message = status === 'gateway_rejected' ? 'Gateway Rejected' : 'Do Not Honor';
  return xml(422, 'api_error_response', { errors: { errors: [] }, message, transaction: described });
}

export const invalid = (of: string, { invalid: code, attribute }: Invalid): GatewayReply =>
  xml(422, 'api_error_response', {
    errors: {
      errors: [],
      [of]: { errors: [{ code, attribute, message: 'It is not valid.' }] },
    },
    message: 'It is not valid.',
  });

/** A card that could not be verified, and so was not saved. */
export function unverified(verdict: Verdict): GatewayReply {
  const isRejected = verdict.status === 'gateway_rejected';
  const verification = {
    status: isRejected ? 'gateway_rejected' : 'processor_declined',
    gateway_rejection_reason: isRejected ? verdict.reason : null,
    ...processorOf(verdict),
  };
  return xml(422, 'api_error_response', { errors: { errors: [] }, message: 'Declined', verification });
}

export function describe({ currency, nowMs }: Account, transaction: Transaction): object {
  const { id, status, type, amount, orderId, verdict, authCode, card, refundedId, refundIds } = transaction;
  return {
    ...{ id, status, type, currency_iso_code: currency.toUpperCase(), amount: (amount / 100).toFixed(2) },
    ...{
      merchant_account_id: 'default',
      order_id: orderId ?? null,
      created_at: new Date(nowMs()).toISOString(),
    },
    ...{
      refund_ids: refundIds,
      refunded_transaction_id: refundedId,
      transaction_source: transaction.source ?? null,
    },
    ...{ processor_authorization_code: authCode, ...processorOf(verdict) },
    gateway_rejection_reason: verdict.status === 'gateway_rejected' ? verdict.reason : null,
    ...{ credit_card: card, payment_instrument_type: 'credit_card' },
  };
}

function processorOf(verdict: Verdict): object {
  switch (verdict.status) {
    case 'processor_declined':
    case 'failed':
      return {
        processor_response_code: verdict.code,
        processor_response_type: verdict.isSoft ? 'soft_declined' : 'hard_declined',
      };
    case 'authorized':
      return { processor_response_code: '1000', processor_response_type: 'approved' };
    default:
      return { processor_response_code: null, processor_response_type: null };
  }
}
