import type { Clock, SessionId } from '@sordino/core';
import type { SessionService } from '@sordino/payments';
import { Router } from 'express';
import type { AgentTokens } from '../auth/agent-tokens.ts';
import { scopesOf } from '../auth/keys/key-record.ts';
import { mayMint } from '../auth/permissions.ts';
import type { CallGrant, SessionGrant } from '../auth/principal.ts';
import { PAGE_SCOPES } from '../auth/scopes.ts';
import { answering } from '../http/answer.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { noSuchSession } from '../http/problems/validator.ts';
import { AGENT_TOKEN_TTL_DEFAULT_SECONDS } from '../limits.ts';
import { principalOf } from './sessions.ts';

type CreateAgentToken = { readonly ttl_seconds?: number } & (
  | { readonly session: SessionId }
  | {
      readonly platform: string;
      readonly call_id: string;
      readonly limit?: { readonly amount_max: number; readonly currency: string };
    }
);

export function agentTokenRoutes(tokens: AgentTokens, service: SessionService, clock: Clock): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.post(
    '/',
    answering((request, response) => {
      const key = mayMint(principalOf(response));
      const body = request.body as CreateAgentToken;
      const now = clock.wallMs();
      const expires = now + 1000 * (body.ttl_seconds ?? AGENT_TOKEN_TTL_DEFAULT_SECONDS);
      const of = grantOf(body);
      if (of.kind === 'session' && !service.read(key, of.session).ok)
        throw new HttpProblem({ ...noSuchSession(), param: 'session' });
      const scopes = PAGE_SCOPES.filter((scope) => scopesOf(key).includes(scope));
      return {
        status: 201,
        body: {
          object: 'agent_token',
          livemode: key.livemode,
          token: tokens.mint(key, { of, scopes, expires }),
          session: of.kind === 'session' ? of.session : null,
          platform: of.kind === 'call' ? of.platform : null,
          call_id: of.kind === 'call' ? of.callId : null,
          limit: 'platform' in body ? (body.limit ?? null) : null,
          created: Math.floor(now / 1000),
          expires_at: Math.floor(expires / 1000),
        },
      };
    }),
  );
  return router;
}

function grantOf(body: CreateAgentToken): CallGrant | SessionGrant {
  if ('session' in body) return { kind: 'session', session: body.session };
  const limit = body.limit ? { amountMax: body.limit.amount_max, currency: body.limit.currency } : null;
  return { kind: 'call', platform: body.platform, callId: body.call_id, limit };
}
