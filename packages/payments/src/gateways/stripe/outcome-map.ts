import { answerOf, isObject, plain, REFUSED, readObject, statusCode, UNREADABLE } from '../answer.ts';
import { declined } from '../decline.ts';
import type { FollowUpKind } from '../gateway.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome, FollowUpOutcome, RetryAdvice } from '../outcome.ts';
import { STRIPE_DECLINES } from './declines.ts';

/*
 * What each answer means (never charge twice: whatever is not certain is `unknown`).
 *
 *                                    payment_methods   payment_intents,   the same      capture, cancel,
 *                                    (no money moves)  setup_intents      again later   refunds
 *   connection refused, no host      not_sent          not_sent           unknown       not_sent
 *   reset or timeout after that      not_sent          unknown            unknown       unknown
 *   200                              the card's id     by its status      by its status by its status
 *   200 unreadable                   not_sent          unknown            unknown       unknown
 *   402 card_error                   declined          declined           declined      refused
 *   400, 401, 402, 403, 404, 422     failed            failed             unknown       refused
 *   400 idempotency_error            failed            unknown            unknown       unknown
 *   429                              not_sent          not_sent           unknown       not_sent
 *   409, 424, 5xx, anything else     not_sent          unknown            unknown       unknown
 *
 * Status of a payment or setup intent:
 *   succeeded, requires_capture                 approved
 *   requires_payment_method with last_…_error   declined
 *   requires_action                             declined (sca_required: nobody will ever be sent to 3-D Secure)
 *   canceled                                    failed
 *   processing, requires_confirmation, others   unknown
 */

type CardOutcome = ChargeOutcome | { readonly kind: 'card'; readonly id: string };

/** What became of the card that was handed in: until a payment names it, it is not a charge, however its answer was lost. */
export function outcomeOfCard(http: HttpOutcome): CardOutcome {
  const answer = answerOf(http.kind === 'lost' ? { ...http, kind: 'not_sent' } : http);
  if (answer.kind !== 'answered') return answer;
  if (answer.status === 200) {
    const id = plain(readObject(answer.body)?.id);
    return id === null ? { kind: 'not_sent', code: 'answer_unreadable' } : { kind: 'card', id };
  }
  const error = errorOf(answer.body);
  if (answer.status === CARD_REFUSED && error?.type === 'card_error') return declinedBy(error);
  return REFUSED.has(answer.status)
    ? { kind: 'failed', code: codeOf(error) }
    : { kind: 'not_sent', code: statusCode(answer.status) };
}

const CARD_REFUSED = 402;

export function outcomeOfCharge(http: HttpOutcome): ChargeOutcome {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  if (answer.status === 200) return outcomeOfIntent(readObject(answer.body));
  const error = errorOf(answer.body);
  if (answer.status === CARD_REFUSED && error?.type === 'card_error') return declinedBy(error);
  // This key has a charge of other parameters: ask what became of it.
  if (REFUSED.has(answer.status) && error?.type !== 'idempotency_error')
    return { kind: 'failed', code: codeOf(error) };
  return { kind: 'unknown', code: statusCode(answer.status) };
}

/** The same key again, much later: only a word about the card or the payment itself counts, for the request may fail for new reasons. */
export function outcomeOfReplay(http: HttpOutcome): ChargeOutcome {
  const outcome = outcomeOfCharge(http);
  return outcome.kind === 'not_sent' || (outcome.kind === 'failed' && outcome.code !== CANCELED)
    ? { kind: 'unknown', code: outcome.code }
    : outcome;
}

const CANCELED = 'gateway_canceled';

/** A payment or setup intent, however it came here. */
export function outcomeOfIntent(intent: Record<string, unknown> | undefined): ChargeOutcome {
  const error = intent?.last_payment_error ?? intent?.last_setup_error;
  switch (intent?.status) {
    case 'succeeded':
    case 'requires_capture':
      return {
        kind: 'approved',
        authCode: authCodeOf(intent.latest_charge),
        token: intent.object === 'setup_intent' ? plain(intent.payment_method) : null,
        gatewayId: plain(intent.id),
      };
    case 'requires_payment_method':
      return isObject(error) ? declinedBy(error) : { kind: 'unknown', code: 'gateway_waits' };
    case 'requires_action':
      return declinedBy({ code: 'authentication_required' });
    case 'canceled':
      return { kind: 'failed', code: CANCELED };
    case 'processing':
    case 'requires_confirmation':
      return { kind: 'unknown', code: 'gateway_waits' };
    default:
      return UNREADABLE;
  }
}

/** Of a capture, a cancel or a refund. */
export function outcomeOfFollowUp(http: HttpOutcome): FollowUpOutcome {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  if (answer.status === 200) return outcomeOfStep(readObject(answer.body));
  const error = errorOf(answer.body);
  if (REFUSED.has(answer.status) && error?.type !== 'idempotency_error')
    return { kind: 'refused', code: codeOf(error) };
  return { kind: 'unknown', code: statusCode(answer.status) };
}

/** What a captured or cancelled payment, or a refund, says of its step. */
export function outcomeOfStep(object: Record<string, unknown> | undefined): FollowUpOutcome {
  const gatewayId = plain(object?.id);
  switch (object?.status) {
    case 'succeeded':
      return { kind: 'done', gatewayId };
    case 'canceled':
      // A cancelled payment is what was asked for, a cancelled refund is not.
      return object.object === 'refund'
        ? { kind: 'refused', code: 'refund_canceled' }
        : { kind: 'done', gatewayId };
    case 'failed':
      return { kind: 'refused', code: plain(object.failure_reason) ?? 'refund_failed' };
    case 'pending':
    case 'requires_action':
    case 'processing':
      return { kind: 'pending', gatewayId };
    default:
      return UNREADABLE;
  }
}

/** Whether the payment shows that the step was taken already. */
export function isDoneAlready(
  payment: Record<string, unknown> | undefined,
  kind: FollowUpKind,
  amount: number,
): boolean {
  return kind === 'settle'
    ? payment?.status === 'succeeded' && payment.amount_received === amount
    : payment?.status === 'canceled';
}

function declinedBy(error: Record<string, unknown>): ChargeOutcome {
  const code = plain(error.decline_code) ?? plain(error.code) ?? 'card_declined';
  const [category, usual] = STRIPE_DECLINES.get(code) ?? (['other', undefined] as const);
  // The issuer's advice on this card and this time: needed where the code is new, and it may forbid what is usual.
  const advised = RETRIES.get(error.advice_code);
  const retry =
    usual === undefined || usual === 'same_card_later' ? (advised ?? usual ?? 'other_card') : usual;
  return declined(category, retry, code);
}

const RETRIES: ReadonlyMap<unknown, RetryAdvice> = new Map([
  ['do_not_try_again', 'other_card'],
  ['try_again_later', 'same_card_later'],
  ['confirm_card_data', 'fix_field'],
]);

function authCodeOf(charge: unknown): string | null {
  const details = isObject(charge) ? charge.payment_method_details : undefined;
  const card = isObject(details) ? details.card : undefined;
  return isObject(card) ? plain(card.authorization_code) : null;
}

function errorOf(body: Uint8Array): Record<string, unknown> | undefined {
  const error = readObject(body)?.error;
  return isObject(error) ? error : undefined;
}

const codeOf = (error: Record<string, unknown> | undefined): string =>
  plain(error?.code) ?? plain(error?.type) ?? 'gateway_refused_request';
