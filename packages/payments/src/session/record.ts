import type {
  AttemptId,
  CallFailureObject,
  ConnectorId,
  CreateSessionBody,
  FieldObject,
  IntentType,
  MaskAttestation,
  MaskHold,
  MaskStyle,
  PaymentStatus,
  RendezvousObject,
  SessionId,
  Topology,
} from '@sordino/core';
import type { PaymentResult } from '../charge/attempt.ts';

/** What is stored of a payment session: everything the API shows and nothing of the card but brand and last four. */
export interface SessionRecord {
  readonly id: SessionId;
  readonly tenant: string;
  readonly livemode: boolean;
  /** Unix ms. */
  readonly created: number;
  readonly updated: number;
  readonly version: number;
  readonly status: PaymentStatus;
  readonly topology: Topology;
  readonly cycle: number;
  readonly mediaPath: 'direct' | 'via_platform';
  readonly call: CreateSessionBody['call'];
  readonly intent: {
    readonly type: IntentType;
    readonly amount: number;
    readonly currency: string;
    readonly reference: string | null;
  };
  readonly connector: ConnectorId;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  readonly agent: { readonly id: string } | null;
  readonly fields: readonly FieldObject[];
  readonly attempt: AttemptId | null;
  readonly result: PaymentResult;
  readonly callFailure: CallFailureObject | null;
  /** Incidents: leg 7 was muted because of what was heard on it. */
  readonly leaksSuspected: number;
  /** Null until the call is over. */
  readonly attestation: MaskAttestation | null;
  readonly rendezvous: RendezvousObject | null;
  /** SHA-256 of the client secret, hex. */
  readonly clientSecretHash: string;
  readonly lastEventSeq: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** The call side is finished with it (restored, lost, never engaged). */
  readonly callEnded: boolean;
}
