import type { NextFunction, RequestHandler } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { AgentGrant, Principal } from '../auth/principal.ts';
import { RATE_WINDOW_S } from '../limits.ts';
import { contextOf } from './context.ts';
import { HttpProblem } from './problem-details.ts';

/** Requests a second, as a mean over a few seconds: a page that opens may ask for much at once. */
export interface RateLimits {
  /** Of each API key: a tenant's servers together. */
  readonly apiKeyPerS: number;
  /** Of each agent token and each client secret: one page. */
  readonly pagePerS: number;
}

/**
 * One caller in a loop must not take the process from the calls of all others. Each credential has a budget of its own; what is
 * refused has cost nothing but its authentication, and touches no call.
 */
export function rateLimited({ apiKeyPerS, pagePerS }: RateLimits): RequestHandler {
  const [ofKeys, ofPages] = [budget(apiKeyPerS, tooFast), budget(pagePerS, tooFast)];
  return (_request, response, next) => {
    const { principal } = contextOf(response).auth ?? {};
    if (principal === undefined) {
      next();
      return;
    }
    const spend = principal.kind === 'api_key' ? ofKeys : ofPages;
    spend(payerOf(principal), next);
  };
}

/** So many requests a second for each payer, as a mean. `message`: what is said to who has spent all `points` of a window. */
export function budget(
  perS: number,
  message: (points: number) => string,
): (payer: string, next: NextFunction) => void {
  const limiter = new RateLimiterMemory({ points: perS * RATE_WINDOW_S, duration: RATE_WINDOW_S });
  return (payer, next) => {
    limiter.consume(payer).then(
      () => next(),
      (refusal: unknown) =>
        next(
          refusal instanceof RateLimiterRes
            ? tooMany(message(limiter.points), refusal.msBeforeNext)
            : refusal,
        ),
    );
  };
}

/** No credential is kept as a key: those of a page are named by what they are for. */
function payerOf(principal: Principal): string {
  switch (principal.kind) {
    case 'api_key':
      return principal.key.id;
    case 'agent_token':
      return payerOfGrant(principal.caller.tenant, principal.grant);
    case 'client_secret':
      return principal.session;
  }
}

function payerOfGrant(tenant: string, { of }: AgentGrant): string {
  return of.kind === 'session' ? of.session : `${tenant} ${of.platform} ${of.callId}`;
}

const tooFast = (points: number): string =>
  `More than ${points} requests in ${RATE_WINDOW_S} s with this credential. The call is untouched. Wait as Retry-After says; follow a session by its stream instead of reading it again and again.`;

function tooMany(message: string, waitMs: number): HttpProblem {
  return new HttpProblem({
    status: 429,
    type: 'rate_limit_error',
    code: 'too_many_requests',
    message,
    retryable: true,
    headers: { 'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1_000))) },
  });
}
