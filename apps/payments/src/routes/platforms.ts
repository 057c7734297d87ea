import type { ListObject, PlatformObject } from '@sordino/core';
import { Router } from 'express';
import { onlyApiKey } from '../auth/permissions.ts';
import { answering } from '../http/answer.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { noSuchPlatform } from '../http/problems/validator.ts';
import { principalOf } from './sessions.ts';

/** The platforms of the configuration, as the call side knows them. */
export interface PlatformDesk {
  list(): readonly PlatformObject[];
  read(id: string): PlatformObject | undefined;
  /** Asks the platform now; undefined when there is none of this id. */
  probe(id: string): Promise<PlatformObject | 'too_soon' | undefined>;
}

/** Seconds until a platform may be probed again. */
const PROBE_RETRY_AFTER_S = '1';

/** Read-only: the configuration is the one source of what a platform is (decision 0014). They belong to the process, not to a tenant. */
export function platformRoutes(platforms: PlatformDesk): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get(
    '/',
    answering((_request, response) => {
      onlyApiKey(principalOf(response), 'Platforms are read');
      const body: ListObject<PlatformObject> = { object: 'list', data: platforms.list(), has_more: false };
      return { status: 200, body };
    }),
  );
  router.get(
    '/:platform',
    answering((request, response) => {
      onlyApiKey(principalOf(response), 'Platforms are read');
      return { status: 200, body: present(platforms.read(String(request.params.platform))) };
    }),
  );
  router.post(
    '/:platform/probe',
    answering(async (request, response) => {
      onlyApiKey(principalOf(response), 'Platforms are probed');
      const probed = present(await platforms.probe(String(request.params.platform)));
      if (probed === 'too_soon') throw tooSoon();
      return { status: 200, body: probed };
    }),
  );
  return router;
}

function present<Found>(found: Found | undefined): Found {
  if (found === undefined) throw new HttpProblem(noSuchPlatform());
  return found;
}

function tooSoon(): HttpProblem {
  return new HttpProblem({
    status: 429,
    type: 'rate_limit_error',
    code: 'probe_too_soon',
    message: 'This platform is being probed, or was a moment ago. Read it, or ask again in a second.',
    retryable: true,
    headers: { 'Retry-After': PROBE_RETRY_AFTER_S },
  });
}
