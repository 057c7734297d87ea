import { answerOf, isObject, plain, REFUSED, readObject, statusCode, UNREADABLE } from '../answer.ts';
import { declined } from '../decline.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';
import { adviceOn, CARD_ERRORS } from './declines.ts';

/*
 * What each answer means (never charge twice: whatever is not certain is `unknown`).
 *
 *                                    tokens            payments       the same       captures, voids,
 *                                    (no money moves)                 again later    refunds
 *   connection refused, no host      not_sent          not_sent       unknown        not_sent
 *   reset or timeout after that      not_sent          unknown        unknown        unknown
 *   200, 201                         the token         by its status  by its status  unknown
 *   202                              not_sent          unknown        unknown        pending
 *   2xx unreadable                   not_sent          unknown        unknown        unknown
 *   422 about the card itself        declined          failed         unknown        refused
 *   400, 401, 402, 403, 404, 422     failed            failed         unknown        refused
 *   429 (rate limit)                 not_sent          not_sent       unknown        not_sent
 *   409 (the same is in progress)    not_sent          unknown        unknown        unknown
 *   5xx, anything else               not_sent          unknown        unknown        unknown
 *
 * Status of a payment:
 *   Authorized, Captured, Card Verified, Paid, Partially Captured     approved
 *   Declined                                                          declined
 *   Canceled, Expired, Voided, Refunded, Partially Refunded           failed (undone by somebody else)
 *   Pending, Retry Scheduled, others                                  unknown
 */

type CardOutcome = ChargeOutcome | { readonly kind: 'card'; readonly token: string };

/** What became of the card that was handed in: until a payment names its token, it is not a charge, however its answer was lost. */
export function outcomeOfToken(http: HttpOutcome): CardOutcome {
  const answer = answerOf(http.kind === 'lost' ? { ...http, kind: 'not_sent' } : http);
  if (answer.kind !== 'answered') return answer;
  if (isDone(answer.status)) {
    const token = plain(readObject(answer.body)?.token);
    return token === null ? { kind: 'not_sent', code: 'answer_unreadable' } : { kind: 'card', token };
  }
  const code = errorCode(answer.body);
  const advice = CARD_ERRORS.get(code);
  if (answer.status === UNPROCESSABLE && advice !== undefined) return declined(...advice, code);
  if (REFUSED.has(answer.status)) return { kind: 'failed', code };
  return { kind: 'not_sent', code: statusCode(answer.status) };
}

const UNPROCESSABLE = 422;

export function outcomeOfCharge(http: HttpOutcome): ChargeOutcome {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  if (isDone(answer.status)) {
    const payment = readObject(answer.body);
    return outcomeOfPayment(payment, payment);
  }
  if (REFUSED.has(answer.status)) return { kind: 'failed', code: errorCode(answer.body) };
  return { kind: 'unknown', code: statusCode(answer.status) };
}

/** The same key again, much later: only a payment counts, for the request may fail because its token is gone. */
export function outcomeOfReplay(http: HttpOutcome): ChargeOutcome {
  const outcome = outcomeOfCharge(http);
  return outcome.kind === 'not_sent' || (outcome.kind === 'failed' && outcome.code !== UNDONE)
    ? { kind: 'unknown', code: outcome.code }
    : outcome;
}

const UNDONE = 'gateway_undone';

/** `authorization`: what tells the codes of the issuer: the answer itself, or the action of a payment that was looked up. */
export function outcomeOfPayment(
  payment: Record<string, unknown> | undefined,
  authorization: Record<string, unknown> | undefined,
): ChargeOutcome {
  switch (payment?.status) {
    case 'Authorized':
    case 'Captured':
    case 'Card Verified':
    case 'Paid':
    case 'Partially Captured': {
      const { source } = payment;
      const isSaved = payment.status === 'Card Verified' && isObject(source);
      return {
        kind: 'approved',
        authCode: plain(authorization?.auth_code),
        token: isSaved ? plain(source.id) : null,
        gatewayId: plain(payment.id),
      };
    }
    case 'Declined': {
      const code = plain(authorization?.response_code) ?? 'declined';
      return declined(...adviceOn(code), code);
    }
    case 'Canceled':
    case 'Expired':
    case 'Voided':
    case 'Refunded':
    case 'Partially Refunded':
      return { kind: 'failed', code: UNDONE };
    case 'Pending':
    case 'Retry Scheduled':
      return { kind: 'unknown', code: 'gateway_waits' };
    default:
      return UNREADABLE;
  }
}

/** Of a capture, void or refund: 202 says that it was taken; whether it was done, a notice or the list of actions tells. */
export function outcomeOfFollowUp(http: HttpOutcome): FollowUpOutcome {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  if (answer.status === ACCEPTED) {
    const gatewayId = plain(readObject(answer.body)?.action_id);
    return gatewayId === null ? UNREADABLE : { kind: 'pending', gatewayId };
  }
  if (REFUSED.has(answer.status)) return { kind: 'refused', code: errorCode(answer.body) };
  return { kind: 'unknown', code: statusCode(answer.status) };
}

const ACCEPTED = 202;

/** A capture, void or refund among the actions of its payment. */
export function outcomeOfAction(action: Record<string, unknown>): FollowUpOutcome {
  const gatewayId = plain(action.id);
  if (action.approved === true) return { kind: 'done', gatewayId };
  return action.approved === false
    ? { kind: 'refused', code: plain(action.response_code) ?? 'declined' }
    : { kind: 'pending', gatewayId };
}

const isDone = (status: number): boolean => status === 200 || status === 201;

/** The first of `error_codes`. */
function errorCode(body: Uint8Array): string {
  const answer = readObject(body);
  const codes: unknown = answer?.error_codes;
  return plain(Array.isArray(codes) ? codes[0] : answer?.error_type) ?? 'gateway_refused_request';
}
