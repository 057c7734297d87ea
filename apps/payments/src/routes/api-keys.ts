import type { ApiKeyObject, ApiScope, Clock } from '@sordino/core';
import { Router } from 'express';
import type { ApiKeys, KeyRefusal } from '../auth/keys/api-keys.ts';
import { mayGrant, onlyApiKey } from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import { answering } from '../http/answer.ts';
import { pageOf } from '../http/page.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { noSuchApiKey } from '../http/problems/validator.ts';
import { API_KEYS_PER_TENANT_MAX } from '../limits.ts';
import { principalOf } from './sessions.ts';

interface CreateApiKey {
  readonly name?: string;
  readonly scopes: readonly ApiScope[];
  /** Unix seconds. */
  readonly expires_at?: number;
}

/** Keys of the caller's own tenant and mode. The key itself is in the answer that makes it, and nowhere again. */
export function apiKeyRoutes(keys: ApiKeys, clock: Clock): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const callerOf = (principal: Principal) => onlyApiKey(principal, 'API keys are managed');
  router.get(
    '/',
    answering((request, response) => ({
      status: 200,
      body: pageOf(keys.list(callerOf(principalOf(response))), request),
    })),
  );
  router.post(
    '/',
    answering((request, response) => {
      const { name, scopes, expires_at: expiresAt } = request.body as CreateApiKey;
      const caller = mayGrant(principalOf(response), scopes);
      const expires = expiresAt === undefined ? null : expiresAt * 1_000;
      if (expires !== null && expires <= clock.wallMs()) throw expiresInThePast();
      return { status: 201, body: done(keys.create(caller, { name, scopes, expires })) };
    }),
  );
  router.get(
    '/:key',
    answering((request, response) => {
      const found = keys.read(callerOf(principalOf(response)), String(request.params.key));
      return { status: 200, body: done(found ?? 'no_such_api_key') };
    }),
  );
  router.post(
    '/:key/roll',
    answering((request, response) => {
      const id = String(request.params.key);
      const caller = callerOf(principalOf(response));
      mayGrant(principalOf(response), keys.read(caller, id)?.scopes ?? []);
      const { overlap_seconds: overlap } = (request.body ?? {}) as { overlap_seconds?: number };
      return { status: 201, body: done(keys.roll(caller, id, overlap)) };
    }),
  );
  router.post(
    '/:key/revoke',
    answering((request, response) => {
      const caller = callerOf(principalOf(response));
      return { status: 200, body: done(keys.revoke(caller, String(request.params.key))) };
    }),
  );
  return router;
}

function done(outcome: ApiKeyObject | KeyRefusal): ApiKeyObject {
  if (typeof outcome === 'string') throw REFUSALS[outcome]();
  return outcome;
}

const REFUSALS = {
  no_such_api_key: () => new HttpProblem(noSuchApiKey()),
  api_key_is_configured: () =>
    conflict(
      'api_key_is_configured',
      'This key is written in the configuration, and is changed there: api.keys.',
    ),
  api_key_not_active: () =>
    conflict('api_key_not_active', 'This key has expired or was revoked. Make a new one.'),
  api_key_in_rotation: () =>
    conflict(
      'api_key_in_rotation',
      'This key is being rolled already: two are live. Revoke the old one, or wait until it expires.',
    ),
  too_many_api_keys: () =>
    conflict(
      'too_many_api_keys',
      `There are ${API_KEYS_PER_TENANT_MAX} live keys of this tenant and mode. Revoke those that nobody uses: last_used tells.`,
    ),
} as const satisfies Record<KeyRefusal, () => HttpProblem>;

function conflict(code: string, message: string): HttpProblem {
  return new HttpProblem({ status: 409, type: 'invalid_request_error', code, message });
}

function expiresInThePast(): HttpProblem {
  return new HttpProblem({
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_parameter',
    message:
      'expires_at (body) is in the past. Send Unix seconds, or leave it out for a key that does not expire.',
    param: 'expires_at',
  });
}
