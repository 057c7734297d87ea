import type { ApiScope, CreateSessionBody, SessionId, SessionObject } from '@sordino/core';
import type { Caller, PageFilter, SessionService } from '@sordino/payments';
import { fromService, HttpProblem } from '../http/problem-details.ts';
import { noSuchSession } from '../http/problems/validator.ts';
import { type ApiKeyRecord, scopesOf } from './keys/key-record.ts';
import type { AgentGrant, Principal } from './principal.ts';
import { missingScope } from './scopes.ts';

/**
 * The caller, if `principal` may use this session. What it may not use is a 404, as if it did not exist (rule 8): also
 * another session of the same tenant, for a page that was given one only.
 */
export function callerFor(principal: Principal, id: SessionId, service: SessionService): Caller {
  if (principal.kind === 'client_secret' && principal.session !== id) throw new HttpProblem(noSuchSession());
  if (principal.kind === 'agent_token') {
    const found = service.read(principal.caller, id);
    if (!found.ok) throw fromService(found.problem);
    if (!isGranted(found.value, principal.grant)) throw new HttpProblem(noSuchSession());
  }
  return principal.caller;
}

export function mayCreate(principal: Principal, body: CreateSessionBody): Caller {
  if (principal.kind === 'client_secret')
    throw denied('A client secret is for one session. Create with an API key or an agent token.');
  if (principal.kind === 'agent_token') {
    const grant = principal.grant.of;
    if (grant.kind === 'session')
      throw denied('This agent token is for one session. Create with an API key or the token of a call.');
    if (body.call.platform !== grant.platform || body.call.call_id !== grant.callId)
      throw denied(
        'This agent token is for another call: call.platform and call.call_id must be those it was minted for.',
        'call',
      );
    const { limit } = grant;
    if (limit && (body.intent.currency !== limit.currency || body.intent.amount > limit.amountMax))
      throw denied(
        `This agent token allows at most ${limit.amountMax} ${limit.currency} (minor units).`,
        'intent',
      );
  }
  return principal.caller;
}

/** The filter as far as `principal` may see. */
export function mayList(
  principal: Principal,
  filter: PageFilter,
): { readonly caller: Caller; readonly filter: PageFilter } {
  if (principal.kind === 'client_secret')
    throw denied('A client secret is for one session. Read that session, or list with an API key.');
  const { caller } = principal;
  if (principal.kind === 'api_key') return { caller, filter };
  const grant = principal.grant.of;
  if (grant.kind === 'session')
    throw denied('This agent token is for one session. Read that session, or list with an API key.');
  const { platform, callId } = grant;
  return { caller, filter: { ...filter, platform, callId } };
}

export function mayMint(principal: Principal): ApiKeyRecord {
  if (principal.kind !== 'api_key')
    throw denied('Agent tokens are minted with an API key, by your server and not by a page.');
  return principal.key;
}

/** A client secret confirms its session: whoever may not confirm is not shown one. */
export function maySeeClientSecret(principal: Principal): boolean {
  if (principal.kind === 'client_secret') return false;
  const scopes = principal.kind === 'api_key' ? scopesOf(principal.key) : principal.grant.scopes;
  return scopes.includes('payments:confirm');
}

/** What is for servers and not for pages: how the process is set up, who has looked at what, keys. `what`: as a message names it. */
export function onlyApiKey(principal: Principal, what: string): Caller {
  if (principal.kind !== 'api_key')
    throw denied(`${what} with an API key, by your server and not by a page.`);
  return principal.caller;
}

/** A supervisor's word, given by the tenant's own server. */
export function mayOverrideUnknown(principal: Principal): void {
  onlyApiKey(principal, 'override_unknown is given');
  if (principal.kind === 'api_key' && !scopesOf(principal.key).includes('payments:manage'))
    throw missingScope('payments:manage');
}

/** Whoever sends cards: the key of a `<Pay>`, which needs no other right. */
export function mayCharge(principal: Principal): Caller {
  const caller = onlyApiKey(principal, 'Cards are sent');
  if (principal.kind === 'api_key' && !scopesOf(principal.key).includes('payments:charge'))
    throw missingScope('payments:charge');
  return caller;
}

/** No key makes one that may do more than itself. */
export function mayGrant(principal: Principal, scopes: readonly ApiScope[]): Caller {
  const caller = onlyApiKey(principal, 'API keys are made');
  const own = principal.kind === 'api_key' ? scopesOf(principal.key) : [];
  const beyond = scopes.find((scope) => !own.includes(scope));
  if (beyond !== undefined) throw missingScope(beyond);
  return caller;
}

/** Failures are rehearsed by the tenant's own server, on test calls. */
export function mayRehearse(principal: Principal): Caller {
  if (principal.kind !== 'api_key') throw denied('Failures are rehearsed with a test API key (sk_test_…).');
  if (principal.caller.livemode)
    throw denied('This is a live key, and failures are rehearsed on test calls only: use sk_test_….');
  return principal.caller;
}

function isGranted(session: SessionObject, { of }: AgentGrant): boolean {
  if (of.kind === 'session') return session.id === of.session;
  return session.call.platform === of.platform && session.call.call_id === of.callId;
}

function denied(message: string, param: string | null = null): HttpProblem {
  return new HttpProblem({ status: 403, type: 'permission_error', code: 'not_permitted', message, param });
}
