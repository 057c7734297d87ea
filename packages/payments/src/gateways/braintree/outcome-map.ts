import { answerOf, isObject, plain, REFUSED, statusCode, UNREADABLE } from '../answer.ts';
import type { HttpOutcome } from '../http.ts';
import type { ChargeOutcome, FollowUpOutcome } from '../outcome.ts';
import { declinedByProcessor, invalid, rejected } from './processor-codes.ts';
import { outcomeOfTransaction, readTransaction, type Transaction } from './transaction.ts';
import { readXml, type XmlValue } from './xml.ts';

/*
 * What each answer means (never charge twice: whatever is not certain is `unknown`).
 *
 *                                              charge, authorize     tokenize         settle, void, refund
 *   connection refused, no host, TLS           not_sent              not_sent         not_sent
 *   reset or timeout after that                unknown               unknown          unknown
 *   200, 201 with a transaction                by its status         .                done
 *   201 with a customer                        .                     approved         .
 *   422 with a transaction                     by its status         .                refused
 *     rejected as a duplicate                  what the order id is  .                .
 *   422 with a verification                    .                     declined         .
 *   422, id of the customer taken (91609)      .                     that customer    .
 *   422 with another error                     declined or failed    declined, failed refused
 *   400, 401, 402, 403, 404                    failed                failed           refused
 *   426 too old a client                       failed                failed           refused
 *   429                                        not_sent              not_sent         not_sent   (refused before any work)
 *   408, 5xx, unreadable, anything else        unknown               unknown          unknown
 */
const INVALID = 422;
const UPGRADE_REQUIRED = 426;
const CUSTOMER_ID_TAKEN = '91609';

interface Refusal {
  readonly transaction: Transaction | undefined;
  readonly verification: Readonly<Record<string, XmlValue>> | undefined;
  /** The first validation error's. */
  readonly code: string | null;
}

export function outcomeOfCharge(
  http: HttpOutcome,
  currency: string,
): ChargeOutcome | { readonly kind: 'duplicate' } {
  const made = readMade(http, 'transaction');
  const refusal = readRefusal(http);
  const transaction = readTransaction(made) ?? refusal?.transaction;
  if (transaction !== undefined)
    return transaction.rejection === 'duplicate'
      ? { kind: 'duplicate' }
      : outcomeOfTransaction(transaction, currency);
  return refusal === undefined ? withoutAnswer(http) : invalid(refusal.code);
}

export function outcomeOfTokenize(http: HttpOutcome): ChargeOutcome | { readonly kind: 'exists' } {
  const customer = readMade(http, 'customer');
  if (customer !== undefined) return saved(customer);
  const refusal = readRefusal(http);
  if (refusal === undefined) return withoutAnswer(http);
  const { verification, code } = refusal;
  if (code === CUSTOMER_ID_TAKEN) return { kind: 'exists' };
  if (verification?.status === 'gateway_rejected') return rejected(verification.gateway_rejection_reason);
  if (verification !== undefined)
    return declinedByProcessor(verification.processor_response_code, verification.processor_response_type);
  return invalid(code);
}

export function outcomeOfFollowUp(http: HttpOutcome): FollowUpOutcome {
  const transaction = readTransaction(readMade(http, 'transaction'));
  if (transaction !== undefined) return { kind: 'done', gatewayId: transaction.id };
  const refusal = readRefusal(http);
  if (refusal !== undefined)
    return { kind: 'refused', code: refusal.code === null ? 'refused' : `validation_${refusal.code}` };
  const outcome = withoutAnswer(http);
  return outcome.kind === 'failed' ? { kind: 'refused', code: outcome.code } : outcome;
}

/** A saved card is the card of a customer whose id is our key. */
export function saved(customer: unknown): ChargeOutcome {
  const cards = isObject(customer) ? customer.credit_cards : undefined;
  const [card] = Array.isArray(cards) ? (cards as readonly unknown[]) : [];
  const token = isObject(card) ? plain(card.token) : null;
  return token === null
    ? UNREADABLE
    : { kind: 'approved', authCode: null, token, gatewayId: isObject(customer) ? plain(customer.id) : null };
}

/** The root element of a good answer; undefined: it is none, or another. */
export function readMade(http: HttpOutcome, root: string): XmlValue | undefined {
  if (http.kind !== 'answered' || (http.status !== 200 && http.status !== 201)) return undefined;
  const document = readXml(http.body);
  return document?.name === root ? document.value : undefined;
}

type Nothing = Extract<ChargeOutcome, { readonly kind: 'not_sent' | 'failed' | 'unknown' }>;

function withoutAnswer(http: HttpOutcome): Nothing {
  const answer = answerOf(http);
  if (answer.kind !== 'answered') return answer;
  const { status } = answer;
  if (status === UPGRADE_REQUIRED || (REFUSED.has(status) && status !== INVALID))
    return { kind: 'failed', code: statusCode(status) };
  // A 422 that is none of the gateway's (a proxy's) is not believed.
  if (status === 200 || status === 201 || status === INVALID) return UNREADABLE;
  return { kind: 'unknown', code: statusCode(status) };
}

function readRefusal(http: HttpOutcome): Refusal | undefined {
  if (http.kind !== 'answered' || http.status !== INVALID) return undefined;
  const document = readXml(http.body);
  if (document?.name !== 'api_error_response' || !isObject(document.value)) return undefined;
  const { transaction, verification, errors } = document.value as Readonly<Record<string, XmlValue>>;
  return {
    transaction: readTransaction(transaction),
    verification: isObject(verification) ? (verification as Readonly<Record<string, XmlValue>>) : undefined,
    code: firstCode(errors),
  };
}

/** Errors stand in groups in groups, after the members of the request. */
function firstCode(value: XmlValue | undefined): string | null {
  if (Array.isArray(value)) return first(value);
  if (!isObject(value)) return null;
  return typeof value.code === 'string' ? plain(value.code) : first(Object.values(value) as XmlValue[]);
}

function first(values: readonly XmlValue[]): string | null {
  for (const value of values) {
    const code = firstCode(value);
    if (code !== null) return code;
  }
  return null;
}
