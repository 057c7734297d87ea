import { answerOf, declineCode, plain, REFUSED, readObject, statusCode, UNREADABLE } from '../answer.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';

/*
 * What each answer means (never charge twice: whatever is not certain is `unknown`). An answer is 200 with `charge_id` or `token_id`,
 * `auth_code` (ours, may be left out), `error_code` and `error_message`; a decline is a 200 too.
 *
 *                                        charge, authorize, tokenize      status
 *   connection refused, no host, TLS     not_sent                         unknown
 *   reset or timeout after that          unknown                          unknown
 *   200 with an id, error_code null      approved                         approved
 *   200 with error_code                  declined                         declined; `not_found`: never heard of it
 *   200 with neither, or unreadable      unknown                          unknown
 *   400, 401, 402, 403, 404, 422         failed                           unknown
 *   429                                  not_sent                         unknown     (refused before any work)
 *   anything else                        unknown                          unknown
 *
 * A step (`capture`, `void`, `refund`) as a charge: done with a `charge_id`, refused where a charge is declined or fails.
 */

export function outcomeOfPay(http: HttpOutcome): ChargeOutcome {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  if (answer.status === 200) return outcomeOfAnswer(answer.body);
  if (REFUSED.has(answer.status))
    return {
      kind: 'failed',
      code: plain(readObject(answer.body)?.error_code) ?? 'gateway_refused_request',
    };
  return { kind: 'unknown', code: statusCode(answer.status) };
}

export function outcomeOfStep(http: HttpOutcome): FollowUpOutcome {
  const outcome = outcomeOfPay(http);
  switch (outcome.kind) {
    case 'approved':
      return { kind: 'done', gatewayId: outcome.gatewayId ?? null };
    case 'declined':
      // Which of the service's words for a refusal it was; one that is none of ours is "refused" all the same.
      return { kind: 'refused', code: plain(refusalIn(http)) ?? 'gateway_refused_request' };
    case 'failed':
      return { kind: 'refused', code: outcome.code };
    case 'not_sent':
    case 'unknown':
      return { kind: outcome.kind, code: outcome.code };
  }
}

const refusalIn = (http: HttpOutcome): unknown =>
  http.kind === 'answered' ? readObject(http.body)?.error_code : undefined;

export function outcomeOfStatus(http: HttpOutcome): ChargeOutcome | { readonly kind: 'not_found' } {
  if (http.kind !== 'answered') return { kind: 'unknown', code: 'query_failed' };
  if (http.status !== 200) return { kind: 'unknown', code: statusCode(http.status) };
  return readObject(http.body)?.error_code === 'not_found'
    ? { kind: 'not_found' }
    : outcomeOfAnswer(http.body);
}

function outcomeOfAnswer(body: Uint8Array): ChargeOutcome {
  const answer = readObject(body);
  if (answer === undefined) return UNREADABLE;
  const { charge_id, token_id, error_code, auth_code } = answer;
  if (typeof error_code === 'string' && error_code !== '')
    return { kind: 'declined', declineCode: declineCode(error_code) };
  const isDone = typeof charge_id === 'string' || typeof token_id === 'string';
  if (!isDone || (error_code !== null && error_code !== undefined)) return UNREADABLE;
  const gatewayId = plain(charge_id) ?? plain(token_id);
  return { kind: 'approved', authCode: plain(auth_code), token: plain(token_id), gatewayId };
}
