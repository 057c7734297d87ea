import {
  type CreateSessionBody,
  makeId,
  ok,
  type Result,
  type SessionId,
  type SessionObject,
} from '@sordino/core';
import { NO_RESULT } from '../charge/outcome.ts';
import type { ExpectRefusal } from '../ports/call-control.ts';
import { hashClientSecret, makeClientSecret } from './client-secret.ts';
import { type ServiceContext, storeFailed } from './context.ts';
import { readCreateInput } from './create-input.ts';
import { emptyField } from './fields.ts';
import { StoreFailed } from './ledger.ts';
import { watchLifetime } from './lifetime.ts';
import { LIVE_SESSIONS_MAX } from './limits.ts';
import { LiveSession } from './live-session.ts';
import { auditUnavailable, badParam, busy, callConflict, cardTesting } from './problems.ts';
import type { SessionRecord } from './record.ts';
import type { Caller, ServiceProblem } from './service.ts';
import { toSessionObject } from './view.ts';

export async function create(
  context: ServiceContext,
  caller: Caller,
  body: CreateSessionBody,
): Promise<Result<SessionObject, ServiceProblem>> {
  const { deps } = context;
  if (deps.mayCapture?.() === false) return auditUnavailable();
  const read = readCreateInput(context, caller, body);
  if (!read.ok) return read;
  const input = read.value;
  const locked = context.velocity.lockedCaller(caller, input.call.ani);
  if (locked !== undefined) return cardTesting(locked);
  if (context.live.size >= LIVE_SESSIONS_MAX)
    return busy('overloaded', 'this node has as many live sessions as it may: try again shortly');
  const id = makeId<SessionId>('ses', deps.random);
  const key = await deps.makeSessionKey();
  // From here on nothing waits until the call side has agreed: of two requests for one call, only one is registered.
  const expected = deps.calls.expect({
    session: id,
    call: input.call,
    start: input.start,
    timeoutMs: input.timeoutMs,
    mask: input.mask,
    sealTo: key.publicKey,
  });
  if (!expected.ok) return refusedByCall(expected.problem);
  const { cycle, mediaPath, ...rendezvous } = expected.value;
  const live = new LiveSession(id, key, context.cardMemory);
  context.live.set(id, live);
  const clientSecret = makeClientSecret(id, deps.random);
  const now = deps.scheduler.wallMs();
  const record: SessionRecord = {
    id,
    tenant: caller.tenant,
    livemode: caller.livemode,
    created: now,
    updated: now,
    version: 0,
    // `created` lasts only as long as this function: the rendezvous is out, the call is awaited.
    status: 'awaiting_media',
    topology: 'original',
    cycle,
    mediaPath,
    call: input.call,
    intent: input.intent,
    connector: input.connector,
    mask: input.mask,
    agent: input.agent,
    fields: input.fields.map(emptyField),
    attempt: null,
    result: NO_RESULT,
    callFailure: null,
    leaksSuspected: 0,
    attestation: null,
    rendezvous,
    clientSecretHash: hashClientSecret(clientSecret, deps.sha256),
    lastEventSeq: 0,
    metadata: input.metadata,
    callEnded: false,
  };
  try {
    // In the session's turn: an INVITE that arrives at once waits until its session is stored.
    const stored = await context.queues.run(id, () =>
      context.ledger.open(record, [
        {
          type: 'session.created',
          data: { intent: input.intent, call_id: input.call.call_id, fields: input.fields, cycle },
        },
      ]),
    );
    watchLifetime(context, live);
    return ok(toSessionObject(stored, clientSecret));
  } catch (error) {
    live.end();
    context.live.delete(id);
    deps.calls.restore(id, 'not_created');
    if (error instanceof StoreFailed) return storeFailed(context, error);
    throw error;
  }
}

function refusedByCall({ code, message }: ExpectRefusal) {
  switch (code) {
    case 'session_exists':
      return callConflict(code, message);
    case 'unknown_platform':
      return badParam('call.platform', code, message);
    case 'return_address_not_allowed':
      return badParam('call.return_uri', code, message);
    case 'refer_not_enabled':
      return badParam('start.method', code, message);
    case 'dialog_missing':
      return badParam('call.dialog', code, message);
    case 'number_pool_exhausted':
    case 'overloaded':
    case 'draining':
      return busy(code, message);
  }
}
