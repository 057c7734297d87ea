import { answerOf, isObject, plain, REFUSED, statusCode, UNREADABLE } from '../answer.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';
import { type Answer, codeOf, firstOf, readAnswer, transIdOf } from './answers.ts';
import { DUPLICATE_REASON, declined, declineOf, UNCERTAIN_REASONS } from './reason-codes.ts';

/*
 * What each answer means (never charge twice: whatever is not certain is `unknown`). A transaction's answer is a 200 with
 * `transactionResponse.responseCode` and the reason code of its first error.
 *
 *                                              charge, authorize    tokenize       settle, void, refund
 *   connection refused, no host, TLS           not_sent             not_sent       not_sent
 *   reset or timeout after that                unknown              unknown        unknown
 *   1 approved                                 approved             .              done
 *   2 declined                                 declined             .              refused
 *   3 error 11, naming the original            what that one is     .              unknown    (looked up before it is said again)
 *   3 error 11, naming none                    unknown              .              unknown
 *   3 error 120, 121, 122                      unknown              .              unknown
 *   3 error, a reason of the card's            declined             .              refused
 *   3 any other error                          failed               .              refused
 *   4 held for review                          unknown              .              unknown    (somebody decides; a notice tells)
 *   profile made                               .                    approved       .
 *   E00039 such a profile is there             .                    that profile   .
 *   E00027 with what the bank said             by 1 to 4            declined       by 1 to 4
 *   E000xx refused unread: `NOTHING_DONE`      failed               failed         refused
 *   any other error, or unreadable             unknown              unknown        unknown
 *   400, 401, 402, 403, 404, 422               failed               failed         refused    (a proxy's: the gateway says 200)
 *   429                                        not_sent             not_sent       not_sent
 *   anything else                              unknown              unknown        unknown
 */

/** Content type, syntax, credentials, permissions, and values or members that the gateway does not take: it did nothing. */
const NOTHING_DONE = new Set([
  ...['E00002', 'E00003', 'E00004', 'E00005', 'E00006', 'E00007', 'E00008', 'E00009', 'E00010', 'E00011'],
  ...['E00013', 'E00014', 'E00015', 'E00016', 'E00019', 'E00041', 'E00044', 'E00045', 'E00051', 'E00059'],
]);
const PROFILE_EXISTS = 'E00039';

/** The gateway has it already: ask what became of that. */
export interface Duplicate {
  readonly kind: 'duplicate';
  readonly transId: string;
}

export function outcomeOfCharge(http: HttpOutcome): ChargeOutcome | Duplicate {
  const answer = readAnswer(http);
  const made = answer?.members.transactionResponse;
  if (answer === undefined || !isObject(made)) return withoutAnswer(http, answer);
  const transId = transIdOf(made.transId);
  const reason = codeOf(firstOf(made.errors)?.errorCode);
  switch (codeOf(made.responseCode)) {
    case '1':
      return transId === null ? UNREADABLE : approved(made.authCode, transId);
    case '2':
      return declined(reason);
    case '3':
      if (reason === DUPLICATE_REASON)
        return transId === null
          ? { kind: 'unknown', code: 'duplicate_of_unnamed' }
          : { kind: 'duplicate', transId };
      if (reason === null || UNCERTAIN_REASONS.has(reason))
        return { kind: 'unknown', code: `reason_${reason ?? 'none'}` };
      return declineOf(reason) ?? { kind: 'failed', code: `reason_${reason}` };
    case '4':
      return { kind: 'unknown', code: 'held_for_review' };
    default:
      return UNREADABLE;
  }
}

export function outcomeOfTokenize(http: HttpOutcome): ChargeOutcome | { readonly kind: 'exists' } {
  const answer = readAnswer(http);
  if (answer === undefined) return withoutAnswer(http, answer);
  const { isOk, code, members } = answer;
  if (isOk) {
    const [paymentProfile] = Array.isArray(members.customerPaymentProfileIdList)
      ? (members.customerPaymentProfileIdList as readonly unknown[])
      : [];
    return saved(members.customerProfileId, paymentProfile);
  }
  if (code === PROFILE_EXISTS) return { kind: 'exists' };
  const [validation] = Array.isArray(members.validationDirectResponseList)
    ? (members.validationDirectResponseList as readonly unknown[])
    : [];
  // The old comma-separated form: response code, subcode, reason code, …
  const [, responseCode, reason] = /^([23])[,|]\d+[,|](\d{1,4})[,|]/.exec(String(validation)) ?? [];
  if (responseCode !== undefined && reason !== undefined)
    return responseCode === '2'
      ? declined(reason)
      : (declineOf(reason) ?? { kind: 'failed', code: `reason_${reason}` });
  return withoutAnswer(http, answer);
}

export function outcomeOfFollowUp(http: HttpOutcome): FollowUpOutcome {
  const outcome = outcomeOfCharge(http);
  switch (outcome.kind) {
    case 'approved':
      return { kind: 'done', gatewayId: outcome.gatewayId ?? null };
    case 'declined':
      return { kind: 'refused', code: `reason_${outcome.advice?.raw ?? 'none'}` };
    case 'failed':
      return { kind: 'refused', code: outcome.code };
    case 'duplicate':
      return { kind: 'unknown', code: 'duplicate' };
    case 'not_sent':
    case 'unknown':
      return outcome;
  }
}

/** A saved card: its two ids, with a character between them that keeps them from looking like one long number. */
export function saved(profileId: unknown, paymentProfileId: unknown): ChargeOutcome {
  const [profile, card] = [codeOf(profileId), codeOf(paymentProfileId)];
  if (profile === null || card === null) return UNREADABLE;
  return { kind: 'approved', authCode: null, token: plain(`${profile}_${card}`), gatewayId: profile };
}

export const approved = (authCode: unknown, transId: string): ChargeOutcome => ({
  ...{ kind: 'approved', authCode: plain(authCode), token: null, gatewayId: transId },
});

function withoutAnswer(http: HttpOutcome, answer: Answer | undefined): ChargeOutcome {
  const given = answerOf(http);
  if (given.kind !== 'answered') return given;
  if (REFUSED.has(given.status)) return { kind: 'failed', code: 'gateway_refused_request' };
  if (answer === undefined)
    return given.status === 200 ? UNREADABLE : { kind: 'unknown', code: statusCode(given.status) };
  const { isOk, code } = answer;
  if (!isOk && code !== null && NOTHING_DONE.has(code)) return { kind: 'failed', code: code.toLowerCase() };
  return { kind: 'unknown', code: code?.toLowerCase() ?? 'answer_unreadable' };
}
