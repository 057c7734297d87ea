import { SordinoApiError, SordinoConnectionError } from './errors.ts';
import type { components } from './generated/api.ts';
import {
  authorization,
  backOffMs,
  type ClientOptions,
  pause,
  RETRIES_DEFAULT,
  RETRY_AFTER_MAX_MS,
  TIMEOUT_DEFAULT_MS,
} from './options.ts';

type Problem = components['schemas']['Problem'];

export interface PreparedRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Sends a request, again where that is safe, and answers with the object or throws. */
export async function send(options: ClientOptions, request: PreparedRequest): Promise<unknown> {
  const retries = options.retries ?? RETRIES_DEFAULT;
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await sendOnce(options, request);
    if ('value' in outcome) return outcome.value;
    const isLast = attempt >= retries || request.signal?.aborted === true;
    if (isLast || outcome.againAfterMs === undefined) throw outcome.error;
    await pause(Math.max(outcome.againAfterMs, backOffMs(attempt)), request.signal);
  }
}

type Outcome =
  | { readonly value: unknown }
  /** `againAfterMs` undefined: it must not, or need not, be sent again. */
  | { readonly error: Error; readonly againAfterMs: number | undefined };

async function sendOnce(options: ClientOptions, request: PreparedRequest): Promise<Outcome> {
  const { method, path, body, idempotencyKey } = request;
  // What only reads, or has a key, can be done again without being done twice.
  const isRepeatable = method === 'GET' || idempotencyKey !== undefined;
  const lost = (message: string, status: number | null, cause?: unknown): Outcome => ({
    error: new SordinoConnectionError(message, isRepeatable, status, cause),
    againAfterMs: isRepeatable && request.signal?.aborted !== true ? 0 : undefined,
  });
  const headers = {
    Accept: 'application/json',
    Authorization: await authorization(options),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
  };
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_DEFAULT_MS);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([request.signal, timeout]);
  let response: Response;
  let answer: unknown;
  try {
    const { fetch = globalThis.fetch } = options;
    response = await fetch(`${options.baseUrl}${path}`, {
      ...{ method, headers, signal },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    answer = await response.json().catch((error: unknown) => {
      if (signal.aborted) throw error;
      return undefined;
    });
  } catch (cause) {
    return lost(`No answer to ${method} ${path}: ${String(cause)}`, null, cause);
  }
  if (response.ok && answer !== undefined) return { value: answer };
  if (!isProblem(answer))
    return lost(`HTTP ${response.status} to ${method} ${path}, and not from Sordino`, response.status);
  return {
    error: new SordinoApiError(response.status, answer.error),
    againAfterMs: comeBackMs(response, answer),
  };
}

/** Refused before anything was done, and told when to come back: safe for every request. Other refusals are for the caller to judge. */
function comeBackMs({ status, headers }: Response, { error }: Problem): number | undefined {
  if (!error.retryable || (status !== 429 && status !== 503)) return undefined;
  const waitMs = 1_000 * Number(headers.get('retry-after') ?? 0);
  return waitMs <= RETRY_AFTER_MAX_MS ? waitMs : undefined;
}

export function isProblem(answer: unknown): answer is Problem {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'code' in error && 'call_safe' in error;
}
