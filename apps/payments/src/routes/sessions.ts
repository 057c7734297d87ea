import type { Clock, CreateSessionBody, FieldName, PlayTo, Result, SessionId } from '@sordino/core';
import type { Caller, Finding, ServiceProblem, SessionService, UnknownOverride } from '@sordino/payments';
import { type Request, type Response, Router } from 'express';
import {
  callerFor,
  mayCreate,
  mayList,
  mayOverrideUnknown,
  maySeeClientSecret,
  onlyApiKey,
} from '../auth/permissions.ts';
import type { Principal } from '../auth/principal.ts';
import { answering } from '../http/answer.ts';
import { contextOf } from '../http/context.ts';
import type { EventStreams } from '../http/event-stream.ts';
import { limitOf } from '../http/page.ts';
import { fromService } from '../http/problem-details.ts';
import type { Answer, Idempotency } from '../idempotency/idempotency.ts';
import { type AuditReader, evidenceOf } from './evidence.ts';

const PAST = { settle: 'settled', void: 'voided', refund: 'refunded' } as const;

export interface SessionRoutes {
  readonly service: SessionService;
  readonly idempotency: Idempotency;
  readonly streams: EventStreams;
  readonly auditOf: AuditReader;
  readonly clock: Clock;
}

/** The verbs of design section 4 on sessions. The OpenAPI document has checked shapes; here it is who may, and what is done. */
export function sessionRoutes({ service, idempotency, streams, auditOf, clock }: SessionRoutes): Router {
  const router = Router({ caseSensitive: true, strict: true });
  type Verb = (
    caller: Caller,
    id: SessionId,
    request: Request,
  ) => MaybePromise<Result<unknown, ServiceProblem>>;

  /** A verb on one session: 404 unless the caller may see it. */
  const verb = (act: Verb) =>
    answering(async (request, response) => {
      const { caller, id } = allow(request, response, service);
      return answerOf(200, await act(caller, id, request));
    });

  router.post(
    '/',
    answering((request, response) => {
      const body = request.body as CreateSessionBody;
      const principal = principalOf(response);
      const caller = mayCreate(principal, body);
      const create = async () => {
        const created = await service.create(caller, body);
        if (!created.ok) throw fromService(created.problem);
        contextOf(response).session = created.value;
        const { client_secret, ...session } = created.value;
        return { status: 201, body: maySeeClientSecret(principal) ? { ...session, client_secret } : session };
      };
      return once(request, response, caller, idempotency, create);
    }),
  );
  router.get(
    '/',
    answering((request, response) => {
      const { caller, filter } = mayList(principalOf(response), filterOf(request));
      return { status: 200, body: service.list(caller, filter) };
    }),
  );
  router.get(
    '/:id',
    verb((caller, id) => service.read(caller, id)),
  );
  router.post(
    '/:id/fields/:name/collect',
    verb((caller, id, request) => service.collect(caller, id, fieldOf(request))),
  );
  router.post(
    '/:id/fields/:name/clear',
    verb((caller, id, request) => {
      const { last } = (request.body ?? {}) as { last?: number };
      return service.clear(caller, id, fieldOf(request), last);
    }),
  );
  router.post(
    '/:id/confirm',
    answering((request, response) => {
      const { caller, id, principal } = allow(request, response, service);
      const { override_unknown: override } = (request.body ?? {}) as { override_unknown?: UnknownOverride };
      if (override !== undefined) {
        // The reason is in the session's events; that it was given, in the audit trail.
        contextOf(response).remark = 'override_unknown';
        mayOverrideUnknown(principal);
      }
      const confirm = async () => answerOf(200, await service.confirm(caller, id, override));
      return once(request, response, caller, idempotency, confirm);
    }),
  );
  router.post(
    '/:id/resolve',
    answering(async (request, response) => {
      const { caller, id, principal } = allow(request, response, service);
      const { outcome, gateway_id = null, note } = request.body as ResolveBody;
      contextOf(response).remark = outcome;
      onlyApiKey(principal, 'An unknown charge is resolved');
      return answerOf(200, await service.resolve(caller, id, { outcome, gatewayId: gateway_id, note }));
    }),
  );
  for (const kind of ['settle', 'void', 'refund'] as const)
    router.post(
      `/:id/${kind}`,
      answering((request, response) => {
        const { caller, id, principal } = allow(request, response, service);
        onlyApiKey(principal, `A payment is ${PAST[kind]}`);
        const { amount } = (request.body ?? {}) as { amount?: number };
        const key = String(request.get('idempotency-key'));
        const operate = async () => answerOf(200, await service.operate(caller, id, kind, { amount, key }));
        return once(request, response, caller, idempotency, operate);
      }),
    );
  router.get(
    '/:id/operations',
    verb((caller, id) => service.operations(caller, id)),
  );
  router.post(
    '/:id/cancel',
    verb((caller, id) => service.cancel(caller, id)),
  );
  router.post(
    '/:id/play',
    verb((caller, id, request) => {
      const { to, prompt } = request.body as { to: PlayTo; prompt: string | null };
      return service.play(caller, id, to, prompt);
    }),
  );
  router.post(
    '/:id/restore',
    verb((caller, id) => service.restore(caller, id)),
  );
  router.get(
    '/:id/legs',
    verb((caller, id) => service.legs(caller, id)),
  );
  router.get(
    '/:id/events',
    verb((caller, id, request) =>
      service.events(caller, id, numberOf(request, 'after', 0), numberOf(request, 'limit', 100)),
    ),
  );
  router.get(
    '/:id/evidence',
    answering(async (request, response) => {
      const { caller, session, principal } = allow(request, response, service);
      onlyApiKey(principal, 'Evidence is read');
      return { status: 200, body: await evidenceOf(caller, session, { service, auditOf, clock }) };
    }),
  );
  router.get('/:id/events/stream', (request, response) => {
    const { caller, id, principal } = allow(request, response, service);
    const after = Number(request.get('last-event-id') ?? numberOf(request, 'after', 0));
    const expires = principal.kind === 'agent_token' ? principal.grant.expires : undefined;
    streams.open({ caller, session: id, after, expires, response });
  });
  return router;
}

interface ResolveBody {
  readonly outcome: Finding['outcome'];
  readonly gateway_id?: string;
  readonly note: string;
}

type MaybePromise<Value> = Value | Promise<Value>;

/** Throws 404 unless the session exists for this principal; from then on errors tell how its call stands. */
function allow(request: Request, response: Response, service: SessionService) {
  const principal = principalOf(response);
  const id = String(request.params.id) as SessionId;
  const caller = callerFor(principal, id, service);
  const session = service.read(caller, id);
  if (!session.ok) throw fromService(session.problem);
  contextOf(response).session = session.value;
  return { caller, id, principal, session: session.value };
}

function once(
  request: Request,
  response: Response,
  caller: Caller,
  idempotency: Idempotency,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const key = request.get('idempotency-key');
  if (key === undefined) return work();
  const { auth, bodyHash = '' } = contextOf(response);
  const route = `${request.method} ${request.baseUrl}${request.path}`;
  const scope = `${caller.tenant}/${caller.livemode ? 'live' : 'test'} ${route}`;
  return idempotency.run({ scope, key, bodyHash, credential: auth?.credential ?? '' }, work);
}

function answerOf(status: number, result: Result<unknown, ServiceProblem>): Answer {
  if (!result.ok) throw fromService(result.problem);
  return { status, body: result.value };
}

function filterOf(request: Request) {
  const text = (name: string) => {
    const value = request.query[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [callId, status, topology, after] = ['call_id', 'status', 'topology', 'starting_after'].map(text);
  return {
    limit: limitOf(request),
    ...(callId !== undefined && { callId }),
    ...(status !== undefined && { status }),
    ...(topology !== undefined && { topology }),
    ...(after !== undefined && { startingAfter: after as SessionId }),
  };
}

function numberOf(request: Request, name: string, otherwise: number): number {
  const value = request.query[name];
  return value === undefined ? otherwise : Number(value);
}

function fieldOf(request: Request): FieldName {
  return request.params.name as FieldName;
}

export function principalOf(response: Response): Principal {
  const { auth } = contextOf(response);
  // The /v1 router authenticates before any route: without it this is a bug, and a 500 is the safe answer.
  if (!auth) throw new Error('a route was reached without authentication');
  return auth.principal;
}
