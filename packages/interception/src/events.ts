import type {
  LeakSign,
  LegView,
  MaskAttestation,
  PlayTo,
  SealedKey,
  SessionId,
  Topology,
} from '@sordino/core';

/** What the call side reports, in order. The payments side reads the same shapes as its `CallEvent`. */
export type InterceptionEvent =
  | { readonly type: 'leg'; readonly session: SessionId; readonly leg: LegView }
  | {
      readonly type: 'topology';
      readonly session: SessionId;
      readonly topology: Topology;
      /**
       * Upper bound of the audible gap as seen from here. `engaged`: look-back plus the time from the customer's first
       * packet to the first clean one. `restored`: from the customer's last packet to the platform's BYE on leg 7.
       */
      readonly gapMs?: number;
      readonly reason?: string;
    }
  | { readonly type: 'ready'; readonly session: SessionId; readonly lookbackMs: number }
  /** A relay worker died: keys pressed at that time, or before and still in it, never come. */
  | { readonly type: 'keys_lost'; readonly session: SessionId }
  | { readonly type: 'key'; readonly session: SessionId; readonly key: SealedKey }
  | {
      readonly type: 'transport_unexpected';
      readonly session: SessionId;
      readonly transport: 'rfc4733' | 'inband';
    }
  /** A key was so short that others like it may be lost on their way. */
  | { readonly type: 'short_key'; readonly session: SessionId }
  /** Of a prompt that was played to somebody. */
  | {
      readonly type: 'play_ended';
      readonly session: SessionId;
      readonly to: PlayTo;
      readonly prompt: string;
      readonly outcome: 'finished' | 'stopped';
    }
  /** A second detector heard on leg 7 what must not leave there. It is muted until the field that is collected has ended, and for 3 s at least. */
  | { readonly type: 'leak_suspected'; readonly session: SessionId; readonly sign: LeakSign }
  /** What that detector heard in all; last of a call that was taken. */
  | { readonly type: 'mask_attested'; readonly session: SessionId; readonly attestation: MaskAttestation }
  | ({ readonly type: 'call_failed'; readonly session: SessionId } & CallFailure);

/** Why the call side cannot serve the session any more. */
export interface CallFailure {
  readonly outcome: 'failed' | 'canceled' | 'expired';
  readonly code: CallFailureCode;
  readonly callSafe: boolean;
  readonly leg: string | null;
  readonly sip: { readonly status: number; readonly reason: string } | null;
}

export type CallFailureCode =
  | 'no_invite'
  | 'no_common_codec'
  | 'bad_sdp'
  | 'return_address_not_allowed'
  | 'overloaded'
  | 'draining'
  | 'refer_not_sent'
  | 'refer_refused'
  | 'refer_no_answer'
  | 'refer_no_notify'
  | 'refer_failed'
  | 'replaces_refused'
  | 'leg7_refused'
  | 'leg7_no_answer'
  | 'leg5_canceled'
  | 'leg5_ack_lost'
  | 'leg5_lost'
  | 'leg7_lost'
  | 'leg5_released'
  | 'released'
  | 'no_media'
  | 'handshake_refused'
  | 'agent_left'
  | 'customer_hangup'
  | 'relay_lost'
  | 'shutdown';
