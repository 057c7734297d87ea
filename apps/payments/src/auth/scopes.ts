import type { ApiScope } from '@sordino/core';
import type { Request, RequestHandler } from 'express';
import { contextOf } from '../http/context.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { scopesOf } from './keys/key-record.ts';
import type { Principal } from './principal.ts';

/** All that a page can be given; what else it asks for is refused by `permissions.ts`, which says why. */
export const PAGE_SCOPES: readonly ApiScope[] = ['sessions:read', 'sessions:write', 'payments:confirm'];

/** What the OpenAPI document says of the operation that a request was found to be. */
interface Operation {
  readonly 'x-scope'?: ApiScope;
}

/**
 * Refuses what the credential's scopes do not cover. Behind the validator, which knows the operation; before any route. An operation without
 * a scope is for keys with all of them: forgotten in the document, it is closed and not open.
 */
export function withinScopes(): RequestHandler {
  return (request, response, next) => {
    const principal = contextOf(response).auth?.principal;
    const operation = operationOf(request);
    if (principal === undefined || operation === undefined) return next();
    const scope = operation['x-scope'];
    if (!isCovered(principal, scope)) throw missingScope(scope);
    next();
  };
}

function operationOf(request: Request): Operation | undefined {
  return (request as { readonly openapi?: { readonly schema?: Operation } }).openapi?.schema;
}

function isCovered(principal: Principal, scope: ApiScope | undefined): boolean {
  switch (principal.kind) {
    case 'client_secret':
      return true;
    case 'agent_token':
      return scope === undefined || !PAGE_SCOPES.includes(scope) || principal.grant.scopes.includes(scope);
    case 'api_key': {
      if (principal.key.scopes === undefined) return true;
      return scope !== undefined && scopesOf(principal.key).includes(scope);
    }
  }
}

export function missingScope(scope: ApiScope | undefined): HttpProblem {
  const what = scope === undefined ? 'every scope' : `the scope ${scope}`;
  return new HttpProblem({
    status: 403,
    type: 'permission_error',
    code: 'missing_scope',
    message: `This needs ${what}, and the API key does not have it. Use a key that has, or make one with POST /v1/api_keys.`,
  });
}
