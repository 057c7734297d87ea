import {
  type EventEnvelope,
  type LegView,
  type ListObject,
  ok,
  type Result,
  type SessionId,
  type SessionObject,
} from '@sordino/core';
import { fits, hashClientSecret, sessionOfClientSecret } from './client-secret.ts';
import { ownSession, type ServiceContext } from './context.ts';
import { LIST_LIMIT_MAX } from './limits.ts';
import { noSuchSession } from './problems.ts';
import type { Caller, PageFilter, ServiceProblem } from './service.ts';
import { toSessionObject } from './view.ts';

export function read(
  context: ServiceContext,
  caller: Caller,
  id: SessionId,
): Result<SessionObject, ServiceProblem> {
  const record = ownSession(context, caller, id);
  return record ? ok(toSessionObject(record)) : noSuchSession();
}

export function list(
  { deps }: ServiceContext,
  caller: Caller,
  filter: PageFilter,
): ListObject<SessionObject> {
  const { data, hasMore } = deps.store.sessions({
    ...filter,
    tenant: caller.tenant,
    livemode: caller.livemode,
    limit: withinPage(filter.limit),
  });
  return { object: 'list', data: data.map((record) => toSessionObject(record)), has_more: hasMore };
}

export async function legs(
  context: ServiceContext,
  caller: Caller,
  id: SessionId,
): Promise<Result<ListObject<LegView>, ServiceProblem>> {
  if (ownSession(context, caller, id) === undefined) return noSuchSession();
  return ok({ object: 'list', data: await context.deps.calls.legs(id), has_more: false });
}

export function events(
  context: ServiceContext,
  caller: Caller,
  id: SessionId,
  after: number,
  limit: number,
): Result<ListObject<EventEnvelope>, ServiceProblem> {
  if (ownSession(context, caller, id) === undefined) return noSuchSession();
  const page = withinPage(limit);
  const found = context.deps.store.events(id, after, page + 1);
  return ok({ object: 'list', data: found.slice(0, page), has_more: found.length > page });
}

export function callerForClientSecret(
  { deps }: ServiceContext,
  secret: string,
): { readonly caller: Caller; readonly session: SessionId } | undefined {
  const session = sessionOfClientSecret(secret);
  const record = session === undefined ? undefined : deps.store.session(session);
  if (record === undefined) return undefined;
  if (!fits(hashClientSecret(secret, deps.sha256), record.clientSecretHash)) return undefined;
  return { caller: { tenant: record.tenant, livemode: record.livemode }, session: record.id };
}

const withinPage = (limit: number): number =>
  Number.isSafeInteger(limit) ? Math.min(Math.max(limit, 1), LIST_LIMIT_MAX) : LIST_LIMIT_MAX;
