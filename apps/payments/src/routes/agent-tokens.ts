import type { Clock } from '@sordino/core';
import { Router } from 'express';
import type { AgentTokens } from '../auth/agent-tokens.ts';
import { mayMint } from '../auth/permissions.ts';
import { answering } from '../http/answer.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { AGENT_TOKEN_TTL_DEFAULT_SECONDS } from '../limits.ts';
import { principalOf } from './sessions.ts';

interface CreateAgentToken {
  readonly platform: string;
  readonly call_id: string;
  readonly limit?: { readonly amount_max: number; readonly currency: string };
  readonly ttl_seconds?: number;
}

export function agentTokenRoutes(tokens: AgentTokens, clock: Clock): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.post(
    '/',
    answering((request, response) => {
      const caller = mayMint(principalOf(response));
      const body = request.body as CreateAgentToken;
      const now = clock.wallMs();
      const expires = now + 1000 * (body.ttl_seconds ?? AGENT_TOKEN_TTL_DEFAULT_SECONDS);
      const { platform, call_id: callId } = body;
      const limit = body.limit ? { amountMax: body.limit.amount_max, currency: body.limit.currency } : null;
      const token = tokens.mint(caller, { platform, callId, limit, expires });
      if (token === undefined) throw tooMany();
      return {
        status: 201,
        body: {
          object: 'agent_token',
          livemode: caller.livemode,
          token,
          platform,
          call_id: callId,
          limit: body.limit ?? null,
          created: Math.floor(now / 1000),
          expires_at: Math.floor(expires / 1000),
        },
      };
    }),
  );
  return router;
}

function tooMany(): HttpProblem {
  return new HttpProblem({
    status: 429,
    type: 'rate_limit_error',
    code: 'too_many_agent_tokens',
    message: 'Too many agent tokens are live. Mint them with a shorter ttl_seconds, one for each call.',
    retryable: true,
    headers: { 'Retry-After': '60' },
  });
}
