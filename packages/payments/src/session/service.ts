import type {
  ApiErrorType,
  CreateSessionBody,
  EventEnvelope,
  FieldName,
  LegView,
  ListObject,
  OperationObject,
  PlayTo,
  Result,
  SessionId,
  SessionObject,
} from '@sordino/core';
import type { FollowUpKind } from '../gateways/gateway.ts';
import type { IncomingNotice } from '../gateways/notice.ts';
import type { CallEvent } from '../ports/call-control.ts';
import type { SessionFilter } from '../ports/stores.ts';

/** A refusal as the HTTP edge needs it; `call_safe`, `topology` and `request_id` are added there or from the session. */
export interface ServiceProblem {
  readonly httpStatus: 400 | 402 | 404 | 409 | 422 | 429 | 500 | 503;
  readonly type: ApiErrorType;
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  readonly retryable: boolean;
}

/** Whose sessions a request is about. Which of them its credential may touch, the HTTP edge has decided. */
export interface Caller {
  readonly tenant: string;
  readonly livemode: boolean;
}

/** A supervisor takes a payment although one of the same card and amount has no known outcome. */
export interface UnknownOverride {
  readonly reason: string;
}

/** What a person has found at the gateway about a charge that nobody could tell of. */
export interface Finding {
  readonly outcome: 'approved' | 'declined' | 'failed';
  /** The gateway's own id of the charge: without it no later step can be made here. */
  readonly gatewayId: string | null;
  /** Who looked where. */
  readonly note: string;
}

export interface OperationRequest {
  /** Minor units; left out, all that can be. */
  readonly amount?: number | undefined;
  /** The same again is the same step, also after a restart. */
  readonly key: string;
}

export type NoticeResult =
  | { readonly kind: 'no_such_connector' }
  | { readonly kind: 'refused'; readonly code: 'bad_signature' | 'too_old' | 'unreadable' }
  /** `sessions`: that it was about. */
  | { readonly kind: 'taken'; readonly answer: string; readonly sessions: readonly SessionId[] };

/** What a caller may ask for: whose sessions, and of which mode, is not among it. */
export type PageFilter = Omit<SessionFilter, 'tenant' | 'livemode'>;

/** The session API without HTTP: every verb on sessions. Foreign ids are 404 (rule 8). */
export interface SessionService {
  create(caller: Caller, body: CreateSessionBody): Promise<Result<SessionObject, ServiceProblem>>;
  read(caller: Caller, id: SessionId): Result<SessionObject, ServiceProblem>;
  list(caller: Caller, filter: PageFilter): ListObject<SessionObject>;
  collect(caller: Caller, id: SessionId, field: FieldName): Promise<Result<SessionObject, ServiceProblem>>;
  clear(
    caller: Caller,
    id: SessionId,
    field: FieldName,
    last: number | undefined,
  ): Promise<Result<SessionObject, ServiceProblem>>;
  /** Answers when the outcome is known or `unknown`; events tell the same. */
  confirm(
    caller: Caller,
    id: SessionId,
    override?: UnknownOverride,
  ): Promise<Result<SessionObject, ServiceProblem>>;
  /** Ends an `unknown` that the gateway was asked about in vain. The same again is the same; another outcome is refused. */
  resolve(caller: Caller, id: SessionId, finding: Finding): Promise<Result<SessionObject, ServiceProblem>>;
  /**
   * Charges or saves a card that somebody else has collected: a request of Twilio's generic pay connector, as bytes that the caller wipes. Answers
   * when the outcome is known or `unknown`; the same transaction_id again is the same session.
   */
  pay(caller: Caller, connector: string, body: Uint8Array): Promise<Result<SessionObject, ServiceProblem>>;
  /** Settles, voids or refunds; answers when the outcome is known, `pending` or `unknown`. Events tell the same. */
  operate(
    caller: Caller,
    id: SessionId,
    kind: FollowUpKind,
    request: OperationRequest,
  ): Promise<Result<OperationObject, ServiceProblem>>;
  /** In order of creation. */
  operations(caller: Caller, id: SessionId): Result<ListObject<OperationObject>, ServiceProblem>;
  /** What a gateway has sent on its own. Rejects when it could not be stored: the gateway must send it again. */
  notice(connector: string, notice: IncomingNotice): Promise<NoticeResult>;
  cancel(caller: Caller, id: SessionId): Promise<Result<SessionObject, ServiceProblem>>;
  restore(caller: Caller, id: SessionId): Promise<Result<SessionObject, ServiceProblem>>;
  /** Null: what plays there is stopped. */
  play(
    caller: Caller,
    id: SessionId,
    to: PlayTo,
    prompt: string | null,
  ): Promise<Result<SessionObject, ServiceProblem>>;
  legs(caller: Caller, id: SessionId): Promise<Result<ListObject<LegView>, ServiceProblem>>;
  events(
    caller: Caller,
    id: SessionId,
    after: number,
    limit: number,
  ): Result<ListObject<EventEnvelope>, ServiceProblem>;
  /** Live events of one session, after those `events` returns. Returns the unsubscribe function. */
  subscribe(id: SessionId, listener: (event: EventEnvelope) => void): () => void;
  /** SHA-256 comparison in constant time; undefined when the secret fits no session. */
  callerForClientSecret(secret: string): { readonly caller: Caller; readonly session: SessionId } | undefined;
  /** From the call side, in order. */
  onCallEvent(event: CallEvent): void;
  /** Sessions between the first key and the gateway's answer: whoever ends this process lets them finish. */
  paymentsInProgress(): readonly SessionId[];
  /** `mayCapture` has become false: open fields are given up, and sessions that wait for keys are told. */
  stopCapture(): Promise<void>;
  /**
   * After a restart: closes sessions whose call is gone and finds out what became of open attempts. `handedBack`: their calls are with
   * their platforms again, as somebody else saw to. `of`: these sessions only, which were another process's.
   */
  recover(
    handedBack?: ReadonlySet<string>,
    of?: ReadonlySet<SessionId>,
  ): Promise<{
    readonly sessionsClosed: number;
    readonly attemptsResolved: number;
    readonly attemptsStillUnknown: number;
    readonly operationsStillUnknown: number;
  }>;
  /** Waits for running work; wipes all card data. */
  close(): Promise<void>;
}
