import { answerOf, isObject, plain, REFUSED, readObject, statusCode, UNREADABLE } from '../answer.ts';
import { declined } from '../decline.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';
import { type Links, linksOf } from './links.ts';
import { meaningOfKeyedWrong, meaningOfRefusal } from './refusals.ts';

/*
 * What each answer means (never charge twice: whatever is not certain is `unknown`).
 *
 *                                          POST customerInitiated…   GET /payments/events       POST settle, cancel, refund
 *   connection refused, no host, TLS       not_sent                  unknown                    not_sent
 *   reset or timeout after that            unknown                   unknown                    unknown
 *   201 authorized, sentForSettlement      approved                  –                          –
 *   201 refused                            declined                  –                          –
 *   201 anything else, unreadable          unknown                   –                          –
 *   200 lastEvent Authorized, Sent for
 *     Settlement, Settled, Sent for
 *     Refund, Refunded, … failed           –                         approved                   –
 *       Refused                            –                         declined                   –
 *       Error, Expired, Sent for
 *       Cancellation, Cancelled            –                         failed  (no money moves)   –
 *       anything else                      –                         unknown                    –
 *   202                                    unknown                   –                          done or pending, see steps.ts
 *   404 with errorName                     failed                    not_found                  unknown
 *   400 about the card's number, code, date  declined                –                          –
 *   400, 401, 402, 403, 404, 422           failed                    unknown                    unknown  (see below)
 *   429                                    not_sent                  unknown                    not_sent
 *   anything else                          unknown                   unknown                    unknown
 *
 * A step is only sent where the look-up has a link for it. When it is refused then, the look-up lags: perhaps behind this very step, whose
 * answer was lost.
 */

/** What became of a payment, and what may be done with it. */
export interface Found {
  readonly event: string;
  readonly links: Links;
}

const APPROVED: ReadonlySet<unknown> = new Set(['authorized', 'sentForSettlement']);
const APPROVED_EVENTS: ReadonlySet<string> = new Set([
  ...['authorized', 'sentforsettlement', 'settled', 'settlementfailed'],
  ...['sentforrefund', 'refunded', 'refundfailed'],
]);
const ENDED_EVENTS: ReadonlySet<string> = new Set(['error', 'expired', 'sentforcancellation', 'cancelled']);

export function outcomeOfPayment(http: HttpOutcome, gatewayId: string): ChargeOutcome {
  if (http.kind === 'answered' && http.status === 201) {
    const answer = readObject(http.body);
    const issuer = isObject(answer?.issuer) ? answer.issuer : {};
    const code = plain(answer?.refusalCode);
    if (APPROVED.has(answer?.outcome))
      return { kind: 'approved', authCode: plain(issuer.authorizationCode), token: null, gatewayId };
    return answer?.outcome === 'refused' ? declined(...meaningOfRefusal(code), code) : UNREADABLE;
  }
  const refusal = notDone(http);
  if (refusal.kind !== 'refused') return refusal;
  const keyed = http.kind === 'answered' ? keyedWrong(http.body) : undefined;
  return keyed ?? { kind: 'failed', code: refusal.code };
}

export function outcomeOfStep(http: HttpOutcome, taken: FollowUpOutcome): FollowUpOutcome {
  if (http.kind === 'answered' && http.status === 202) return taken;
  const outcome = notDone(http);
  return outcome.kind === 'refused' ? { kind: 'unknown', code: outcome.code } : outcome;
}

/** Where to ask for this payment from now on; undefined: by our reference. */
export function eventsPath(http: HttpOutcome): string | undefined {
  const answer = http.kind === 'answered' ? readObject(http.body) : undefined;
  return answer === undefined ? undefined : linksOf(answer).get('events');
}

export function found(http: HttpOutcome): Found | 'not_found' | { readonly code: string } {
  if (http.kind !== 'answered') return { code: 'query_failed' };
  const answer = readObject(http.body);
  // Only the gateway's own word counts: a proxy's 404 page says nothing about the payment.
  if (http.status === 404 && plain(answer?.errorName) !== null) return 'not_found';
  if (http.status !== 200) return { code: statusCode(http.status) };
  if (answer === undefined || typeof answer.lastEvent !== 'string') return { code: 'answer_unreadable' };
  // Written with spaces by one version and in one word by another.
  return { event: answer.lastEvent.replace(/\s/g, '').toLowerCase(), links: linksOf(answer) };
}

export function outcomeOfEvent(event: string, gatewayId: string): ChargeOutcome {
  if (APPROVED_EVENTS.has(event)) return { kind: 'approved', authCode: null, token: null, gatewayId };
  if (event === 'refused') return declined('other', 'other_card', null);
  if (ENDED_EVENTS.has(event)) return { kind: 'failed', code: `gateway_says_${event}` };
  return { kind: 'unknown', code: 'gateway_pending' };
}

/** Of every answer that is not a success. */
function notDone(http: HttpOutcome): Extract<FollowUpOutcome, { readonly code: string }> {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  if (!REFUSED.has(answer.status)) return { kind: 'unknown', code: statusCode(answer.status) };
  return { kind: 'refused', code: plain(readObject(answer.body)?.errorName) ?? 'gateway_refused_request' };
}

function keyedWrong(body: Uint8Array): ChargeOutcome | undefined {
  const mistakes = readObject(body)?.validationErrors;
  for (const mistake of Array.isArray(mistakes) ? mistakes : []) {
    const path: unknown = isObject(mistake) ? mistake.jsonPath : undefined;
    const meaning = typeof path === 'string' ? meaningOfKeyedWrong(path) : undefined;
    if (meaning !== undefined) return declined(...meaning, plain(mistake.errorName));
  }
  return undefined;
}
