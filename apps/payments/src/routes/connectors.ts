import type { ConnectorObject } from '@sordino/core';
import { Router } from 'express';
import { onlyApiKey } from '../auth/permissions.ts';
import { answering } from '../http/answer.ts';
import { pageOf } from '../http/page.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { noSuchConnector } from '../http/problems/validator.ts';
import { principalOf } from './sessions.ts';

/** The connectors of the configuration, as far as the mode of the caller's key goes: a test key sees none that moves money. */
export function connectorRoutes(connectors: readonly ConnectorObject[]): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const ofMode = (response: Parameters<typeof principalOf>[0]) => {
    const { livemode } = onlyApiKey(principalOf(response), 'Connectors are read');
    return connectors.filter((connector) => connector.livemode === livemode);
  };
  router.get(
    '/',
    answering((request, response) => ({ status: 200, body: pageOf(ofMode(response), request) })),
  );
  router.get(
    '/:connector',
    answering((request, response) => {
      const found = ofMode(response).find(({ id }) => id === request.params.connector);
      if (found === undefined) throw new HttpProblem(noSuchConnector());
      return { status: 200, body: found };
    }),
  );
  return router;
}
