import type { AuditEventObject, ListObject } from '@sordino/core';
import type { AuditQuery } from '@sordino/observability';
import type { Caller } from '@sordino/payments';
import { Router } from 'express';
import { onlyApiKey } from '../auth/permissions.ts';
import { answering } from '../http/answer.ts';
import { limitOf } from '../http/page.ts';
import { principalOf } from './sessions.ts';

/** What of the trail is asked for; whose it is, the caller says. */
export type AuditFilter = Omit<AuditQuery, 'tenant' | 'livemode'>;

/** Newest first, of the caller's tenant and mode only. */
export type AuditLister = (
  caller: Caller,
  filter: AuditFilter,
) => Promise<{ readonly data: readonly AuditEventObject[]; readonly hasMore: boolean }>;

export function auditEventRoutes(list: AuditLister): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get(
    '/',
    answering(async (request, response) => {
      const caller = onlyApiKey(principalOf(response), 'The audit trail is read');
      const { session, actor, action, since, until, starting_after } = request.query as Readonly<
        Record<string, string | undefined>
      >;
      const { data, hasMore } = await list(caller, {
        limit: limitOf(request),
        ...(session !== undefined && { session }),
        ...(actor !== undefined && { actor }),
        ...(action !== undefined && { action }),
        ...(since !== undefined && { sinceMs: Number(since) * 1_000 }),
        ...(until !== undefined && { untilMs: Number(until) * 1_000 + 999 }),
        ...(starting_after !== undefined && { before: Number(starting_after.slice('aud_'.length)) }),
      });
      const body: ListObject<AuditEventObject> = { object: 'list', data, has_more: hasMore };
      return { status: 200, body };
    }),
  );
  return router;
}
