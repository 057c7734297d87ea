import type { LegView } from '../call/leg.ts';
import type { EventEnvelope, SessionObject } from './session.ts';

/** One access to a session, as the audit trail has it. */
export interface AuditRecordObject {
  /** Its place in the trail, where `sordino audit verify` proves it. */
  readonly n: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly action: string;
  readonly actor: string | null;
  readonly source: string | null;
  readonly outcome: string;
  /** `req_…` */
  readonly request: string | null;
  /** SHA-256, hex; chained with the records before it. */
  readonly hash: string;
}

/** `GET /v1/audit_events`: one access of the tenant, newest first. */
export interface AuditEventObject extends AuditRecordObject {
  /** `aud_` and `n`. */
  readonly id: string;
  readonly object: 'audit_event';
  readonly livemode: boolean;
  /** Unix seconds. */
  readonly created: number;
  readonly session: string | null;
}

/** `GET /v1/sessions/{id}/evidence`: one session for an assessor. No card data is in it, as in none of its parts. */
export interface EvidenceObject {
  readonly object: 'evidence';
  /** Unix ms. */
  readonly made: number;
  readonly session: SessionObject;
  readonly legs: readonly LegView[];
  readonly events: readonly EventEnvelope[];
  /** Oldest first; empty where no audit trail is kept. */
  readonly audit: readonly AuditRecordObject[];
}
