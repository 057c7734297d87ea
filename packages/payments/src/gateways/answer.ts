import { containsCardNumber } from '../card/find-in-text.ts';
import type { HttpOutcome } from './http.ts';
import type { ChargeOutcome } from './outcome.ts';

/** An answer is some hundred bytes; what is longer is not one. */
const ANSWER_BYTES_MAX = 16_384;

/** Statuses by which a gateway says that it did nothing, and will not do this: sending the same again is useless. */
export const REFUSED: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 422]);
const TOO_MANY_REQUESTS = 429;

type Answered = Extract<HttpOutcome, { readonly kind: 'answered' }>;
type NotAnswered = Extract<ChargeOutcome, { readonly kind: 'not_sent' | 'unknown' }>;

/** The answer, or what it means for a charge or a step, by whatever gateway, that there is none. */
export function answerOf(http: HttpOutcome): Answered | NotAnswered {
  if (http.kind === 'not_sent') return { kind: 'not_sent', code: 'gateway_unreachable' };
  if (http.kind === 'lost') return { kind: 'unknown', code: 'answer_lost' };
  // Turned away before any work.
  return http.status === TOO_MANY_REQUESTS ? { kind: 'not_sent', code: 'gateway_busy' } : http;
}

export const statusCode = (status: number): string => `gateway_status_${status}`;

/** Of an answer by which nobody can tell whether money has moved. */
export const UNREADABLE = { kind: 'unknown', code: 'answer_unreadable' } as const;

/** What an agent may be told. Others (lost, stolen, fraud) are only "declined": the caller may be the thief. */
const DECLINE_CODES: ReadonlySet<string> = new Set([
  ...['generic_decline', 'insufficient_funds', 'expired_card', 'incorrect_cvc'],
]);

/** Authorisation codes, tokens, error codes: short and plain, so that nothing else can travel in them. */
const PLAIN = /^[A-Za-z0-9_\-.]{1,128}$/;

export const declineCode = (value: unknown): string => {
  const code = plain(value);
  return code !== null && DECLINE_CODES.has(code) ? code : 'generic_decline';
};

/** A JSON object in UTF-8, with or without a byte order mark; undefined: anything else. Lists are longer than one answer. */
export function readObject(
  body: Uint8Array,
  bytesMax = ANSWER_BYTES_MAX,
): Record<string, unknown> | undefined {
  const value = readJson(body, bytesMax);
  return isObject(value) ? value : undefined;
}

/** A JSON list of objects; undefined: anything else. */
export function readList(body: Uint8Array, bytesMax: number): Record<string, unknown>[] | undefined {
  const value = readJson(body, bytesMax);
  return Array.isArray(value) ? value.filter(isObject) : undefined;
}

function readJson(body: Uint8Array, bytesMax: number): unknown {
  if (body.length > bytesMax) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A gateway that echoes the card number in a token or code must not get it into our records. */
export const plain = (value: unknown): string | null =>
  typeof value === 'string' && PLAIN.test(value) && !containsCardNumber(value) ? value : null;
