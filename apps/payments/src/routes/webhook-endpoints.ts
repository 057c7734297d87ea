import type { ListObject, SessionId, WebhookEndpointObject } from '@sordino/core';
import type { Caller } from '@sordino/payments';
import { Router } from 'express';
import { onlyApiKey } from '../auth/permissions.ts';
import { answering } from '../http/answer.ts';
import { HttpProblem } from '../http/problem-details.ts';
import { noSuchSession, noSuchWebhookEndpoint } from '../http/problems/validator.ts';
import { principalOf } from './sessions.ts';

/** The webhook endpoints of the configuration: each tenant sees its own, of the mode of its key. */
export interface WebhookDesk {
  list(caller: Caller): readonly WebhookEndpointObject[];
  /** False: the tenant has no such endpoint, or no such session. */
  replay(caller: Caller, endpoint: string, session: SessionId, fromSeq: number): Promise<boolean>;
}

export const NO_WEBHOOKS: WebhookDesk = { list: () => [], replay: async () => false };

/** Read-only but for the replay: the configuration is the one source of where events go. */
export function webhookEndpointRoutes(desk: WebhookDesk): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get(
    '/',
    answering((_request, response) => {
      const data = desk.list(onlyApiKey(principalOf(response), 'Webhook endpoints are read'));
      const body: ListObject<WebhookEndpointObject> = { object: 'list', data, has_more: false };
      return { status: 200, body };
    }),
  );
  router.get(
    '/:endpoint',
    answering((request, response) => ({
      status: 200,
      body: own(
        desk,
        onlyApiKey(principalOf(response), 'Webhook endpoints are read'),
        String(request.params.endpoint),
      ),
    })),
  );
  router.post(
    '/:endpoint/replay',
    answering(async (request, response) => {
      const caller = onlyApiKey(principalOf(response), 'Events are replayed');
      const { session, from_seq } = request.body as { session: SessionId; from_seq: number };
      const { id } = own(desk, caller, String(request.params.endpoint));
      if (!(await desk.replay(caller, id, session, from_seq)))
        throw new HttpProblem({ ...noSuchSession(), param: 'session' });
      return { status: 202, body: own(desk, caller, id) };
    }),
  );
  return router;
}

function own(desk: WebhookDesk, caller: Caller, id: string): WebhookEndpointObject {
  const found = desk.list(caller).find((endpoint) => endpoint.id === id);
  if (found === undefined) throw new HttpProblem(noSuchWebhookEndpoint());
  return found;
}
