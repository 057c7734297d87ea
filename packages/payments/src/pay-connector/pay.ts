import {
  type ConnectorId,
  type FieldObject,
  makeId,
  ok,
  type Result,
  type SessionId,
  type SessionObject,
} from '@sordino/core';
import { NO_RESULT } from '../charge/outcome.ts';
import type { Charging } from '../session/charging.ts';
import { hashClientSecret, makeClientSecret } from '../session/client-secret.ts';
import { inTurn, type ServiceContext, storeFailed } from '../session/context.ts';
import { leave } from '../session/departure.ts';
import { StoreFailed } from '../session/ledger.ts';
import { LIVE_SESSIONS_MAX } from '../session/limits.ts';
import { LiveSession } from '../session/live-session.ts';
import {
  auditUnavailable,
  badParam,
  busy,
  noSuchConnector,
  notNow,
  transactionReused,
} from '../session/problems.ts';
import type { SessionRecord } from '../session/record.ts';
import type { Caller, ServiceProblem } from '../session/service.ts';
import { toSessionObject } from '../session/view.ts';
import { type PayRequest, readPayRequest } from './read-request.ts';
import { takeCard } from './take-card.ts';

/** `call.platform` of sessions whose call is somebody else's; its `call_id` is the transaction_id. */
const PLATFORM = 'plt_pay_connector';

interface Order {
  readonly caller: Caller;
  readonly id: SessionId;
  readonly connector: ConnectorId;
  readonly request: PayRequest;
}

/**
 * A card that somebody else's `<Pay>` has collected: a session that begins with all its fields and without a call, and is confirmed as any other.
 * So attempt, resolver, later steps, events and evidence are those of sessions, and there is no second way to charge. Its id is made from
 * the transaction_id: the same again is the same session, over restarts and in every process.
 */
export async function pay(
  context: ServiceContext,
  charging: Charging,
  caller: Caller,
  connector: string,
  body: Uint8Array,
): Promise<Result<SessionObject, ServiceProblem>> {
  const { deps, defaults } = context;
  if (deps.mayCapture?.() === false) return auditUnavailable();
  const [name, gateway] = [...deps.gateways].find(([each]) => each === connector) ?? [];
  if (name === undefined || gateway?.livemode !== caller.livemode) return noSuchConnector();
  const read = readPayRequest(body);
  if (!read.ok) return read;
  const request = read.value;
  if (request.method === 'tokenize' && !gateway.capabilities.tokenize)
    return badParam('method', 'unsupported_by_connector', 'this connector cannot tokenize: use another');
  if (context.live.size >= LIVE_SESSIONS_MAX)
    return busy('overloaded', 'this node has as many live sessions as it may: try again shortly');
  const order = { caller, connector: name, request, id: idOf(context, caller, request.transactionId) };
  const live = new LiveSession(order.id, await deps.makeSessionKey(), context.cardMemory);
  try {
    const { acceptedBrands } = defaults;
    const rules = { livemode: caller.livemode, acceptedBrands, nowMs: deps.scheduler.wallMs() };
    const fields = takeCard(request.card, live.vault, rules);
    if (!fields.ok) return fields;
    const known = await context.queues.run(order.id, () => begin(context, order, live, fields.value));
    if (known !== undefined) return known;
    const charged = await charging.confirm(caller, order.id);
    return charged.ok ? charged : await notCharged(context, order, charged);
  } catch (error) {
    if (error instanceof StoreFailed) return storeFailed(context, error);
    throw error;
  } finally {
    live.end();
    if (context.live.get(order.id) === live) context.live.delete(order.id);
  }
}

function idOf({ deps }: ServiceContext, { tenant, livemode }: Caller, transactionId: string): SessionId {
  const scope = `pay connector\0${tenant}\0${livemode}\0${transactionId}`;
  return makeId<SessionId>('ses', () => deps.sha256(new TextEncoder().encode(scope)).subarray(0, ID_BYTES));
}
/** As many as `makeId` asks for. */
const ID_BYTES = 26;

/** Makes the session, in its turn. Undefined: charge it. Else what is to be said of the one that there is. */
async function begin(
  context: ServiceContext,
  order: Order,
  live: LiveSession,
  fields: readonly FieldObject[],
): Promise<Result<SessionObject, ServiceProblem> | undefined> {
  const known = context.deps.store.session(order.id);
  if (known !== undefined && !isSame(known, order)) return transactionReused();
  // One that was stored and never charged, and that nobody is about to charge, is charged now.
  const isForgotten = known?.status === 'ready_to_confirm' && !context.live.has(order.id);
  if (known !== undefined && !isForgotten) return repeated(known);
  context.live.set(order.id, live);
  if (known !== undefined) return undefined;
  const record = recordOf(context, order, fields);
  const { intent, call, cycle } = record;
  const data = { intent, call_id: call.call_id, fields: fields.map(({ name }) => name), cycle };
  await context.ledger.open(record, [{ type: 'session.created', data }]);
  return undefined;
}

function repeated(known: SessionRecord): Result<SessionObject, ServiceProblem> {
  return known.status === 'processing' || known.status === 'ready_to_confirm'
    ? notNow('charge_in_progress', 'the charge is under way: send the same again for its outcome', true)
    : ok(toSessionObject(known));
}

const isSame = ({ intent, connector }: SessionRecord, order: Order): boolean =>
  intent.type === order.request.method &&
  intent.amount === order.request.amount &&
  intent.currency === order.request.currency &&
  connector === order.connector;

/**
 * Refused before anything was sent: that ends the session, so that no half-done one stays. What the store could not take may be sent again, and is
 * charged then.
 */
function notCharged(
  context: ServiceContext,
  { caller, id }: Order,
  refused: Extract<Result<SessionObject, ServiceProblem>, { readonly ok: false }>,
): Promise<Result<SessionObject, ServiceProblem>> {
  return inTurn(context, caller, id, async (record) => {
    const { code } = refused.problem;
    if (record.status !== 'ready_to_confirm' || code === 'storage_unavailable') return refused;
    const events = [{ type: 'session.failed', data: { code, call_safe: true } }] as const;
    return ok(toSessionObject(await leave(context, record, { on: 'failed', failureCode: code, events })));
  });
}

function recordOf(
  context: ServiceContext,
  { caller, id, connector, request }: Order,
  fields: readonly FieldObject[],
): SessionRecord {
  const { deps, defaults } = context;
  const now = deps.scheduler.wallMs();
  const { method: type, amount, currency, description: reference, parameters, transactionId } = request;
  return {
    ...{ id, tenant: caller.tenant, livemode: caller.livemode, created: now, updated: now, version: 0 },
    status: 'ready_to_confirm',
    ...{ topology: 'original', cycle: 1, mediaPath: 'via_platform', callEnded: true, callFailure: null },
    call: { platform: PLATFORM, call_id: transactionId },
    intent: { type, amount, currency, reference },
    ...{ connector, mask: defaults.mask, agent: null, fields },
    ...{ attempt: null, result: NO_RESULT, leaksSuspected: 0, attestation: null, rendezvous: null },
    // Shown to nobody.
    clientSecretHash: hashClientSecret(makeClientSecret(id, deps.random), deps.sha256),
    ...{ lastEventSeq: 0, metadata: parameters },
  };
}
