import type { IntentType } from '@sordino/core';
import { answerOf, isObject, plain, REFUSED, readObject, statusCode, UNREADABLE } from '../answer.ts';
import { declined } from '../decline.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';
import { meaningOfKeyedWrong, meaningOfRefusal } from './refusals.ts';

/*
 * What each answer means (never charge twice: whatever is not certain is `unknown`).
 *
 *                                              POST /payments     captures, cancels,     GET /storedPaymentMethods
 *                                                                 reversals, refunds     (of a card to be saved)
 *   connection refused, no host, TLS           not_sent           not_sent               unknown
 *   reset or timeout after that                unknown            unknown                unknown
 *   200, 201
 *     Authorised                               approved           –                      –
 *     Authorised, card not saved as asked      unknown            –                      –
 *     Refused, Cancelled, Error                declined           –                      –    (final, says "Result codes")
 *     RedirectShopper, IdentifyShopper,
 *       ChallengeShopper                       declined           –                      –    (a caller cannot: nothing was reserved)
 *     Received, Pending                        unknown            –                      –    (a notice tells)
 *     PartiallyAuthorised, others, unreadable  unknown            –                      –
 *     status: received                         –                  pending                –    (a notice tells)
 *     one card, none                           –                  –                      approved, not_found
 *   422 about the card's number, code, date    declined           –                      –
 *   errorCode 704                              unknown            unknown                unknown   (that key is being worked on)
 *   400, 401, 402, 403, 404, 422               failed             refused                unknown
 *   429                                        not_sent           not_sent               unknown   (refused before any work)
 *   500 with errorType configuration,
 *     security, validation                     failed             refused                unknown   (Adyen's own word: not done)
 *   anything else                              unknown            unknown                unknown
 */

/** "Request already processed or in progress." */
const IN_PROGRESS = '704';
const NOT_DONE: ReadonlySet<unknown> = new Set(['configuration', 'security', 'validation']);
const NEEDS_SHOPPER: ReadonlySet<unknown> = new Set([
  ...['RedirectShopper', 'IdentifyShopper', 'ChallengeShopper'],
]);
const FINAL_REFUSALS: ReadonlySet<unknown> = new Set(['Refused', 'Cancelled', 'Error']);

export function outcomeOfPayment(http: HttpOutcome, type: IntentType): ChargeOutcome {
  if (http.kind === 'answered' && (http.status === 200 || http.status === 201))
    return outcomeOfResult(readObject(http.body), type);
  const refusal = notDone(http);
  if (refusal?.kind !== 'refused') return refusal;
  const keyed = meaningOfKeyedWrong(refusal.code);
  return keyed === undefined ? { kind: 'failed', code: refusal.code } : declined(...keyed, refusal.code);
}

export function outcomeOfModification(http: HttpOutcome): FollowUpOutcome {
  if (http.kind !== 'answered' || (http.status !== 200 && http.status !== 201)) return notDone(http);
  const answer = readObject(http.body);
  return answer?.status === 'received'
    ? { kind: 'pending', gatewayId: plain(answer.pspReference) }
    : UNREADABLE;
}

/** Saved cards of a shopper who was made up for one card only. */
export function outcomeOfSavedCards(http: HttpOutcome): ChargeOutcome | { readonly kind: 'not_found' } {
  if (http.kind !== 'answered') return { kind: 'unknown', code: 'query_failed' };
  if (http.status !== 200) return { kind: 'unknown', code: statusCode(http.status) };
  const cards = readObject(http.body)?.storedPaymentMethods;
  if (!Array.isArray(cards) || cards.length > 1) return UNREADABLE;
  if (cards.length === 0) return { kind: 'not_found' };
  const token = isObject(cards[0]) ? plain(cards[0].id) : null;
  return token === null ? UNREADABLE : { kind: 'approved', authCode: null, token };
}

function outcomeOfResult(answer: Record<string, unknown> | undefined, type: IntentType): ChargeOutcome {
  const result = answer?.resultCode;
  const more = isObject(answer?.additionalData) ? answer.additionalData : {};
  const raw = plain(answer?.refusalReasonCode);
  if (result === 'Authorised') {
    const token = plain(
      more['tokenization.storedPaymentMethodId'] ?? more['recurring.recurringDetailReference'],
    );
    if (type === 'tokenize' && token === null) return { kind: 'unknown', code: 'token_not_here_yet' };
    return {
      kind: 'approved',
      authCode: plain(more.authCode),
      token,
      gatewayId: plain(answer?.pspReference),
    };
  }
  if (FINAL_REFUSALS.has(result)) return declined(...meaningOfRefusal(raw), raw);
  if (NEEDS_SHOPPER.has(result)) return declined('sca_required', 'other_card', raw);
  if (result === 'Received' || result === 'Pending') return { kind: 'unknown', code: 'gateway_pending' };
  if (result === 'PartiallyAuthorised') return { kind: 'unknown', code: 'partially_authorised' };
  return UNREADABLE;
}

/** Of every answer that is not a success. */
function notDone(http: HttpOutcome): Extract<FollowUpOutcome, { readonly code: string }> {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  const error = readObject(answer.body);
  const code = plain(error?.errorCode);
  const isRefused = REFUSED.has(answer.status) || (answer.status === 500 && NOT_DONE.has(error?.errorType));
  if (!isRefused) return { kind: 'unknown', code: statusCode(answer.status) };
  if (code === IN_PROGRESS) return { kind: 'unknown', code: 'gateway_in_progress' };
  return { kind: 'refused', code: code ?? 'gateway_refused_request' };
}
