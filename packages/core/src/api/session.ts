import type { LegView } from '../call/leg.ts';
import type { MaskAttestation } from '../call/mask-attestation.ts';
import type { Topology } from '../call/topology.ts';
import type { EventId, OperationId, SessionId } from '../ids.ts';
import type {
  FieldCode,
  FieldName,
  FieldState,
  IntentType,
  MaskHold,
  MaskStyle,
  PaymentStatus,
} from '../payment/status.ts';

/** Shapes of the session API (design section 4). The OpenAPI document is the source; a test holds these against it. */

/** Who begins: the platform with its INVITE, or Sordino by asking the platform for the call (its profile must allow that). */
export type StartMethod = 'await_invite' | 'refer';

export interface CreateSessionBody {
  readonly mode?: 'agent_assisted';
  readonly call: {
    readonly platform: string;
    readonly call_id: string;
    readonly ani?: string;
    /** Where leg 7 goes, instead of the platform's configured address; its host must be configured. */
    readonly return_uri?: string;
    readonly dialog?: { readonly call_id: string; readonly local_tag: string; readonly remote_tag: string };
  };
  readonly start?: { readonly method?: StartMethod; readonly timeout_ms?: number };
  readonly intent: {
    readonly type: IntentType;
    readonly amount: number;
    readonly currency: string;
    readonly reference?: string;
  };
  readonly connector?: string;
  readonly fields?: readonly FieldName[];
  readonly mask?: { readonly style?: MaskStyle; readonly hold?: MaskHold };
  readonly agent?: { readonly id: string };
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface RendezvousObject {
  readonly sip_uri: string;
  /** One-time number of the platform's pool, or null when the pool is empty or not configured. */
  readonly e164: string | null;
  readonly user_to_user: string;
  readonly header: Readonly<Record<'X-Sordino-Token', string>>;
  /** Unix seconds. */
  readonly expires_at: number;
}

export interface FieldObject {
  readonly name: FieldName;
  readonly state: FieldState;
  /** Keys accepted so far; never the keys. */
  readonly length: number;
  readonly code: FieldCode | null;
  readonly attempts: number;
  /** Of `card_number` once captured; `last4` of a bank account too. */
  readonly brand: string | null;
  readonly last4: string | null;
}

export interface CallFailureObject {
  /** `leg5_in`, `leg6_media`, `leg7_out`; null when no leg was up yet. */
  readonly leg: string | null;
  /** The SIP answer that said so, where there was one. */
  readonly sip: { readonly status: number; readonly reason: string } | null;
}

export interface SessionObject {
  readonly id: SessionId;
  readonly object: 'session';
  readonly livemode: boolean;
  /** Unix seconds. */
  readonly created: number;
  readonly status: PaymentStatus;
  readonly topology: Topology;
  /** The how-manieth time this call is diverted, counting this session. */
  readonly cycle: number;
  readonly media_path: 'direct' | 'via_platform';
  readonly call: CreateSessionBody['call'];
  readonly intent: {
    readonly type: IntentType;
    readonly amount: number;
    readonly currency: string;
    readonly reference: string | null;
  };
  readonly connector: string;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  readonly agent: { readonly id: string } | null;
  readonly fields: readonly FieldObject[];
  readonly result: {
    readonly auth_code: string | null;
    readonly token: string | null;
    readonly decline_code: string | null;
    /** Why, in words that are the same for every gateway; `other` where an agent must not know. */
    readonly decline_category: string | null;
    /** What may help: `fix_field`, `other_card`, `same_card_later`, `never`. */
    readonly retry: string | null;
    readonly failure_code: string | null;
  };
  /** Which leg the call failed on, when it did; `result.failure_code` says how. */
  readonly call_failure: CallFailureObject | null;
  /** How often leg 7 was muted because a second detector heard on it what must not leave. Anything but 0 is an incident. */
  readonly leaks_suspected: number;
  /** What that detector heard in all; null until the call has gone back. */
  readonly attestation: MaskAttestation | null;
  readonly rendezvous: RendezvousObject | null;
  /** Only in the answer to create. */
  readonly client_secret?: string;
  readonly last_event_seq: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A step after a charge. `cancel`: undone by our key because its outcome was not known. */
export type OperationKind = 'settle' | 'void' | 'refund' | 'cancel';

export interface OperationObject {
  readonly id: OperationId;
  readonly object: 'operation';
  readonly livemode: boolean;
  /** Unix seconds. */
  readonly created: number;
  readonly session: SessionId;
  readonly kind: OperationKind;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  /** `unknown`: the answer was lost, and is asked for; do not do it again. */
  readonly state: 'sending' | 'pending' | 'done' | 'refused' | 'not_sent' | 'unknown';
  /** Why it was refused, or is not known. */
  readonly code: string | null;
  readonly why: 'requested' | 'late_approval' | 'outcome_unknown';
}

export interface ListObject<Item> {
  readonly object: 'list';
  readonly data: readonly Item[];
  readonly has_more: boolean;
}

export const EVENT_TYPES = [
  'session.created',
  'leg.updated',
  'session.engaged',
  'session.ready',
  'field.collecting',
  'field.progress',
  'field.captured',
  'field.rejected',
  'field.hint',
  'session.ready_to_confirm',
  'payment.processing',
  'payment.approved',
  'payment.declined',
  'payment.unknown',
  'payment.failed',
  'payment.settled',
  'payment.settle_failed',
  'payment.voided',
  'payment.void_failed',
  'payment.refunded',
  'payment.refund_failed',
  'payment.attention_needed',
  'mask.attested',
  'mask.leak_suspected',
  'dtmf.transport_unexpected',
  'prompt.ended',
  'session.restoring',
  'session.restored',
  'session.degraded',
  'session.lost',
  'session.canceled',
  'session.failed',
  'session.expired',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface EventEnvelope {
  readonly id: EventId;
  readonly type: EventType;
  /** 1, 2, 3 … without gaps in a session. */
  readonly seq: number;
  readonly session: SessionId;
  /** Unix ms. */
  readonly created: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export type LegsObject = ListObject<LegView>;

export type ApiErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'idempotency_error'
  | 'card_error'
  | 'call_error'
  | 'media_error'
  | 'connector_error'
  | 'rate_limit_error'
  | 'api_error';

export interface ApiErrorBody {
  readonly error: {
    readonly type: ApiErrorType;
    readonly code: string;
    readonly message: string;
    readonly param: string | null;
    readonly session: string | null;
    readonly retryable: boolean;
    /** Whether agent and customer can still talk. */
    readonly call_safe: boolean;
    readonly topology: Topology | null;
    readonly leg: string | null;
    readonly sip: { readonly status: number; readonly reason: string } | null;
    readonly doc_url: string;
    readonly request_id: string;
  };
}
