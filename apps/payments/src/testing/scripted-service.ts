import { createHash } from 'node:crypto';
import {
  type CreateSessionBody,
  type EventEnvelope,
  type EventId,
  type EventType,
  type FieldName,
  type LegView,
  type ListObject,
  makeId,
  type OperationId,
  type OperationObject,
  ok,
  type PaymentStatus,
  type PlayTo,
  type Result,
  refuse,
  type SessionId,
  type SessionObject,
} from '@sordino/core';
import type {
  Caller,
  Finding,
  FollowUpKind,
  IncomingNotice,
  NoticeResult,
  OperationRequest,
  PageFilter,
  ServiceProblem,
  SessionService,
  UnknownOverride,
} from '@sordino/payments';

interface Held {
  readonly caller: Caller;
  readonly secretHash: string;
  object: SessionObject;
  readonly events: EventEnvelope[];
  readonly operations: OperationObject[];
}

const random = (count: number) => crypto.getRandomValues(new Uint8Array(count));

export const NOT_READY: ServiceProblem = {
  httpStatus: 409,
  type: 'invalid_request_error',
  code: 'not_ready',
  message: 'wait for session.ready',
  param: null,
  retryable: true,
};

/** A session service without calls and cards: it does as told, and counts. Sessions, events and tenants are real. */
export class ScriptedService implements SessionService {
  readonly calls: string[] = [];
  /** Each verb but read waits for this. */
  gate: Promise<void> = Promise.resolve();
  refuseWith: ServiceProblem | undefined;
  throwWith: Error | undefined;
  readonly #sessions = new Map<SessionId, Held>();
  readonly #listeners = new Map<SessionId, Set<(event: EventEnvelope) => void>>();

  reset(): void {
    this.calls.length = 0;
    this.gate = Promise.resolve();
    this.refuseWith = undefined;
    this.throwWith = undefined;
    this.pays = {};
    this.#sessions.clear();
  }

  async create(caller: Caller, body: CreateSessionBody): Promise<Result<SessionObject, ServiceProblem>> {
    const stopped = await this.#begin('create');
    if (stopped) return stopped;
    const id = makeId<SessionId>('ses', random);
    const client_secret = `${id}_${makeId('secret', random)}`;
    const object = { ...aSessionObject(id, body), livemode: caller.livemode };
    this.#sessions.set(id, { caller, secretHash: hash(client_secret), object, events: [], operations: [] });
    this.emit(id, 'session.created', {});
    return ok({ ...this.#held(id).object, client_secret });
  }

  read(caller: Caller, id: SessionId): Result<SessionObject, ServiceProblem> {
    const held = this.#sessions.get(id);
    const mine = held?.caller.tenant === caller.tenant && held.caller.livemode === caller.livemode;
    return held && mine
      ? ok(held.object)
      : refuse({
          httpStatus: 404,
          type: 'invalid_request_error',
          code: 'no_such_session',
          message: 'no session has this id',
          param: null,
          retryable: false,
        });
  }

  list(caller: Caller, filter: PageFilter): ListObject<SessionObject> {
    const mine = [...this.#sessions.values()]
      .filter((held) => held.caller.tenant === caller.tenant && held.caller.livemode === caller.livemode)
      .map((held) => held.object)
      .filter((object) => filter.platform === undefined || object.call.platform === filter.platform)
      .filter((object) => filter.callId === undefined || object.call.call_id === filter.callId)
      .filter((object) => filter.status === undefined || object.status === filter.status)
      .reverse();
    return { object: 'list', data: mine.slice(0, filter.limit), has_more: mine.length > filter.limit };
  }

  collect(caller: Caller, id: SessionId, field: FieldName) {
    return this.#verb(caller, id, `collect ${field}`);
  }
  clear(caller: Caller, id: SessionId, field: FieldName, last: number | undefined) {
    return this.#verb(caller, id, `clear ${field} ${last ?? 'all'}`);
  }
  confirm(caller: Caller, id: SessionId, override?: UnknownOverride) {
    return this.#verb(caller, id, override ? `confirm: ${override.reason}` : 'confirm', 'approved');
  }
  resolve(caller: Caller, id: SessionId, { outcome, gatewayId, note }: Finding) {
    return this.#verb(caller, id, `resolve ${outcome} ${gatewayId}: ${note}`, outcome);
  }
  /** As long as it has it: whoever called wipes it. */
  paid: Uint8Array = new Uint8Array();
  async pay(
    caller: Caller,
    connector: string,
    body: Uint8Array,
  ): Promise<Result<SessionObject, ServiceProblem>> {
    this.paid = body;
    const stopped = await this.#begin(`pay ${connector} ${new TextDecoder().decode(body)}`);
    if (stopped) return stopped;
    const id = makeId<SessionId>('ses', random);
    const object = { ...aSessionObject(id, A_PAYMENT), livemode: caller.livemode, ...this.pays };
    this.#sessions.set(id, { caller, secretHash: '', object, events: [], operations: [] });
    return ok(object);
  }
  /** What becomes of it. */
  pays: Partial<SessionObject> = {};
  async operate(
    caller: Caller,
    id: SessionId,
    kind: FollowUpKind,
    { amount = 4_999, key }: OperationRequest,
  ) {
    const done = await this.#verb(caller, id, `${kind} ${amount} ${key}`);
    if (!done.ok) return done;
    const operation = { ...anOperation(id, kind, amount), livemode: caller.livemode };
    this.#held(id).operations.push(operation);
    return ok(operation);
  }
  operations(caller: Caller, id: SessionId): Result<ListObject<OperationObject>, ServiceProblem> {
    const session = this.read(caller, id);
    if (!session.ok) return session;
    return ok({ object: 'list', data: this.#held(id).operations, has_more: false });
  }
  async notice(connector: string, { body, headers }: IncomingNotice): Promise<NoticeResult> {
    await this.gate;
    if (this.throwWith) throw this.throwWith;
    if (connector !== 'con_sandbox') return { kind: 'no_such_connector' };
    const text = new TextDecoder().decode(body);
    this.calls.push(`notice ${headers['webhook-id']} ${text}`);
    if (text === 'forged') return { kind: 'refused', code: 'bad_signature' };
    if (text === 'garbage') return { kind: 'refused', code: 'unreadable' };
    return { kind: 'taken', answer: '[accepted]', sessions: [...this.#sessions.keys()] };
  }
  cancel(caller: Caller, id: SessionId) {
    return this.#verb(caller, id, 'cancel', 'canceled');
  }
  play(caller: Caller, id: SessionId, to: PlayTo, prompt: string | null) {
    return this.#verb(caller, id, `play ${prompt} to ${to}`);
  }
  restore(caller: Caller, id: SessionId) {
    return this.#verb(caller, id, 'restore');
  }

  async legs(caller: Caller, id: SessionId): Promise<Result<ListObject<LegView>, ServiceProblem>> {
    const session = this.read(caller, id);
    return session.ok ? ok({ object: 'list', data: [A_LEG], has_more: false }) : session;
  }

  events(
    caller: Caller,
    id: SessionId,
    after: number,
    limit: number,
  ): Result<ListObject<EventEnvelope>, ServiceProblem> {
    const session = this.read(caller, id);
    if (!session.ok) return session;
    const rest = this.#held(id).events.filter((event) => event.seq > after);
    return ok({ object: 'list', data: rest.slice(0, limit), has_more: rest.length > limit });
  }

  subscribe(id: SessionId, listener: (event: EventEnvelope) => void): () => void {
    const set = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  subscribers(id: SessionId): number {
    return this.#listeners.get(id)?.size ?? 0;
  }

  callerForClientSecret(
    secret: string,
  ): { readonly caller: Caller; readonly session: SessionId } | undefined {
    for (const [session, held] of this.#sessions)
      if (held.secretHash === hash(secret)) return { caller: held.caller, session };
    return undefined;
  }

  onCallEvent(): void {}
  paymentsInProgress() {
    return [];
  }

  async recover() {
    return { sessionsClosed: 0, attemptsResolved: 0, attemptsStillUnknown: 0, operationsStillUnknown: 0 };
  }
  async stopCapture(): Promise<void> {}

  async close(): Promise<void> {}

  emit(id: SessionId, type: EventType, data: Readonly<Record<string, unknown>>): void {
    const held = this.#held(id);
    const seq = held.events.length + 1;
    const event = {
      id: makeId<EventId>('evt', random),
      type,
      seq,
      session: id,
      created: 1_790_000_000_000,
      data,
    };
    held.events.push(event);
    held.object = { ...held.object, last_event_seq: seq };
    for (const listener of this.#listeners.get(id) ?? []) listener(event);
  }

  put(id: SessionId, change: Partial<Pick<SessionObject, 'status' | 'topology' | 'call_failure'>>): void {
    const held = this.#held(id);
    held.object = { ...held.object, ...change };
  }

  async #verb(caller: Caller, id: SessionId, name: string, status?: PaymentStatus) {
    const session = this.read(caller, id);
    if (!session.ok) return session;
    const stopped = await this.#begin(name);
    if (stopped) return stopped;
    if (status) this.put(id, { status });
    return ok(this.#held(id).object);
  }

  async #begin(name: string) {
    this.calls.push(name);
    await this.gate;
    if (this.throwWith) throw this.throwWith;
    return this.refuseWith ? refuse(this.refuseWith) : undefined;
  }

  #held(id: SessionId): Held {
    const held = this.#sessions.get(id);
    if (!held) throw new Error(`the test has no session ${id}`);
    return held;
  }
}

const A_PAYMENT = {
  call: { platform: 'plt_pay_connector', call_id: 'PK-1' },
  intent: { type: 'charge', amount: 4_999, currency: 'gbp' },
} as const satisfies CreateSessionBody;

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function aSessionObject(id: SessionId, body: CreateSessionBody): SessionObject {
  return {
    id,
    object: 'session',
    livemode: false,
    created: 1_790_000_000,
    status: 'awaiting_media',
    topology: 'original',
    cycle: 1,
    media_path: 'direct',
    call: body.call,
    intent: { ...body.intent, reference: body.intent.reference ?? null },
    connector: 'con_sandbox',
    mask: { style: 'flat_tone', hold: 'per_key' },
    agent: body.agent ?? null,
    fields: [
      { name: 'card_number', state: 'empty', length: 0, code: null, attempts: 0, brand: null, last4: null },
    ],
    result: {
      auth_code: null,
      token: null,
      decline_code: null,
      decline_category: null,
      retry: null,
      failure_code: null,
    },
    call_failure: null,
    leaks_suspected: 0,
    attestation: null,
    rendezvous: {
      sip_uri: 'sip:tok_x@127.0.0.1:5060;transport=tcp',
      e164: null,
      user_to_user: '00;encoding=hex',
      header: { 'X-Sordino-Token': 'tok_x' },
      expires_at: 1_790_000_008,
    },
    last_event_seq: 0,
    metadata: body.metadata ?? {},
  };
}

const anOperation = (session: SessionId, kind: FollowUpKind, amount: number): OperationObject => ({
  ...{ id: makeId<OperationId>('op', random), object: 'operation', livemode: false, created: 1_790_000_000 },
  ...{ session, kind, amount, currency: 'gbp', state: 'done', code: null, why: 'requested' },
});

const A_LEG: LegView = {
  role: 'leg5_in',
  cycle: 1,
  state: 'confirmed',
  basis: 'signalled',
  since_ms: 1_790_000_000_000,
  states: [{ state: 'inviting', at_ms: 1_790_000_000_000 }],
  reason: null,
  sip: { call_id: 'a@b', status: 200 },
  media: null,
};
