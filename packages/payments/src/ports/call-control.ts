import type {
  CreateSessionBody,
  LeakSign,
  LegView,
  MaskAttestation,
  MaskHold,
  MaskStyle,
  PlayTo,
  RendezvousObject,
  Result,
  SealedKey,
  SessionId,
  StartMethod,
  Topology,
} from '@sordino/core';

/** What the payment needs from the call side. Implemented in the apps over `@sordino/interception`. */
export interface CallControl {
  /** Registers the session and hands out its one-time rendezvous. Nothing moves yet. */
  expect(call: ExpectedCall): Result<Rendezvous, ExpectRefusal>;
  /** While a field is collected, `whole_field` masks throughout. */
  setCollecting(session: SessionId, collecting: boolean): void;
  /** Hands the call back, after the key guard. Harmless when there is nothing to hand back. */
  restore(session: SessionId, reason: string): void;
  /** Plays a prompt, or `flat_tone`, to one of the two in place of the other's voice; null stops what plays there. */
  play(session: SessionId, to: PlayTo, prompt: string | null): Result<null, 'not_engaged' | 'unknown_prompt'>;
  /** Legs 4-8 with fresh media figures; empty before the first INVITE. */
  legs(session: SessionId): Promise<readonly LegView[]>;
}

export interface ExpectedCall {
  readonly session: SessionId;
  readonly call: CreateSessionBody['call'];
  readonly start: StartMethod;
  readonly timeoutMs: number;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  /** HPKE public key (X25519, 32 bytes raw) that the relay seals key presses to. */
  readonly sealTo: Uint8Array;
}

export interface Rendezvous extends RendezvousObject {
  readonly cycle: number;
  readonly mediaPath: 'direct' | 'via_platform';
}

export interface ExpectRefusal {
  /**
   * `session_exists`: this call has a live session (409) · `unknown_platform`, `return_address_not_allowed`, `refer_not_enabled`,
   * `dialog_missing` (400) · `number_pool_exhausted`, `overloaded`, `draining` (503).
   */
  readonly code:
    | 'session_exists'
    | 'unknown_platform'
    | 'return_address_not_allowed'
    | 'number_pool_exhausted'
    | 'refer_not_enabled'
    | 'dialog_missing'
    | 'overloaded'
    | 'draining';
  readonly message: string;
}

/** What the call side reports, in order, to `SessionService.onCallEvent`. */
export type CallEvent =
  | { readonly type: 'leg'; readonly session: SessionId; readonly leg: LegView }
  | {
      readonly type: 'topology';
      readonly session: SessionId;
      readonly topology: Topology;
      /** With `engaged` and `restored`. */
      readonly gapMs?: number;
      /** Our vocabulary: `leg7_refused`, `customer_hangup`, `agent_left`, `no_media`, `requested` … */
      readonly reason?: string;
    }
  /** Customer media arrives and the clean leg flows: the agent may say "key your card". */
  | { readonly type: 'ready'; readonly session: SessionId; readonly lookbackMs: number }
  /** Keys that were pressed at this time never come: what is keyed into an open field must not be taken. */
  | { readonly type: 'keys_lost'; readonly session: SessionId }
  | { readonly type: 'key'; readonly session: SessionId; readonly key: SealedKey }
  | {
      readonly type: 'transport_unexpected';
      readonly session: SessionId;
      readonly transport: 'rfc4733' | 'inband';
    }
  /** A key was shorter than receivers have to hear. It was taken, but others like it may be lost. */
  | { readonly type: 'short_key'; readonly session: SessionId }
  | {
      readonly type: 'play_ended';
      readonly session: SessionId;
      readonly to: PlayTo;
      readonly prompt: string;
      readonly outcome: 'finished' | 'stopped';
    }
  /** Leg 7 was heard to carry what it must not, and is muted. */
  | { readonly type: 'leak_suspected'; readonly session: SessionId; readonly sign: LeakSign }
  /** What was heard on leg 7 in all: comes last. */
  | { readonly type: 'mask_attested'; readonly session: SessionId; readonly attestation: MaskAttestation }
  /** The call side is finished with this session before or without a hand-back: the payment cannot go on collecting. */
  | {
      readonly type: 'call_failed';
      readonly session: SessionId;
      readonly outcome: 'failed' | 'canceled' | 'expired';
      readonly code: string;
      readonly callSafe: boolean;
      readonly leg: string | null;
      readonly sip: { readonly status: number; readonly reason: string } | null;
    };
