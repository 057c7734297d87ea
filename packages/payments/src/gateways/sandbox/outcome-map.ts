import {
  answerOf,
  declineCode,
  isObject,
  plain,
  REFUSED,
  readObject,
  statusCode,
  UNREADABLE,
} from '../answer.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';

/*
 * What each answer means (never charge twice: whatever is not certain is `unknown`).
 *
 *   POST /v1/charges                              GET /v1/charges?reference=
 *   connection refused, no host   not_sent        unknown
 *   reset or timeout after that   unknown         unknown
 *   200 approved, declined        the outcome     the outcome
 *   200 unreadable                unknown         unknown
 *   400, 401, 402, 403, 404, 422  failed          404 not_found, others unknown
 *   409 key used for another body unknown         unknown      (that key has a charge: ask what became of it)
 *   429                           not_sent        unknown      (refused before any work)
 *   408, 5xx, anything else       unknown         unknown
 *
 * A settlement, void or refund (POST /v1/charges/{id}/…) as a charge: 200 with status `done`, where a charge fails it is refused.
 */
const NOT_FOUND = 404;

export function outcomeOfCharge(http: HttpOutcome): ChargeOutcome {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  if (answer.status === 200) return outcomeOfAnswer(answer.body);
  if (REFUSED.has(answer.status))
    return { kind: 'failed', code: errorCode(answer.body) ?? 'gateway_refused_request' };
  return { kind: 'unknown', code: statusCode(answer.status) };
}

export function outcomeOfStep(http: HttpOutcome): FollowUpOutcome {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  if (answer.status === 200) {
    const step = readObject(answer.body);
    return step?.status === 'done' ? { kind: 'done', gatewayId: plain(step.id) } : UNREADABLE;
  }
  if (REFUSED.has(answer.status))
    return { kind: 'refused', code: errorCode(answer.body) ?? 'gateway_refused_request' };
  return { kind: 'unknown', code: statusCode(answer.status) };
}

export function outcomeOfQuery(http: HttpOutcome): ChargeOutcome | { readonly kind: 'not_found' } {
  if (http.kind !== 'answered') return { kind: 'unknown', code: 'query_failed' };
  if (http.status === 200) return outcomeOfAnswer(http.body);
  // Only the gateway's own word counts: a proxy's 404 page says nothing about the charge.
  if (http.status === NOT_FOUND && errorCode(http.body) === 'not_found') return { kind: 'not_found' };
  return { kind: 'unknown', code: statusCode(http.status) };
}

function outcomeOfAnswer(body: Uint8Array): ChargeOutcome {
  const charge = readObject(body);
  if (charge?.status === 'approved')
    return {
      kind: 'approved',
      authCode: plain(charge.auth_code),
      token: plain(charge.token),
      gatewayId: plain(charge.id),
    };
  if (charge?.status === 'declined')
    return { kind: 'declined', declineCode: declineCode(charge.decline_code) };
  return UNREADABLE;
}

function errorCode(body: Uint8Array): string | null {
  const error = readObject(body)?.error;
  return isObject(error) ? plain(error.code) : null;
}
