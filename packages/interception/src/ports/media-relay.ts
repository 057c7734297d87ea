import type {
  LeakSign,
  LegMedia,
  LegQuality,
  MaskAttestation,
  MaskHold,
  MaskStyle,
  OneWay,
  Result,
  SealedKey,
  SessionId,
} from '@sordino/core';
import type { HostPort, LocalDtls, MediaDescription } from './sdp-negotiator.ts';

/** `customer`: leg 6, the keys come in here. `clean`: leg 7, towards the platform and the agent. */
export type BridgeSide = 'customer' | 'clean';

/** How a prompt came to its end: `stopped` by us, by another prompt, or with the bridge. */
export type PlayOutcome = 'finished' | 'stopped';

export interface OpenBridge {
  readonly session: SessionId;
  /** HPKE public key (X25519, 32 bytes raw) that key presses are sealed to. */
  readonly sealTo: Uint8Array;
  readonly mask: { readonly style: MaskStyle; readonly hold: MaskHold };
  /** `seq` of the first sealed key: a moved bridge goes on counting. */
  readonly firstKeySeq: number;
  /** Both sides get what DTLS-SRTP needs; a peer without it can still be set. */
  readonly dtls?: boolean;
}

export interface BridgePorts {
  readonly rtp: HostPort;
  readonly rtcp: HostPort;
  readonly dtls?: LocalDtls;
}

/**
 * Why a DTLS client was turned away. `message`: a message that has no place there, or that cannot be used. `hello`: no suite, SRTP
 * profile or extended master secret in common. The others: it did not prove who it is.
 */
export type HandshakeRefusal =
  | 'hello'
  | 'message'
  | 'no_certificate'
  | 'fingerprint'
  | 'certificate_verify'
  | 'weak_key_exchange'
  | 'finished';

/** What the relay reports about a bridge. No event tells which key was pressed. All times are Unix ms. */
export interface MediaBridgeHandlers {
  /** First accepted RTP packet from the signalled peer of that side (again after a new peer was set). */
  mediaStarted(side: BridgeSide, atMs: number): void;
  /** First packet with the customer's audio left on the clean side. */
  cleanAudioFlowing(atMs: number): void;
  /** Nothing from that side's peer for `silentMs`; repeated each second while it lasts. */
  mediaStalled(side: BridgeSide, silentMs: number): void;
  mediaResumed(side: BridgeSide, atMs: number): void;
  /** Each ten seconds, of each side whose peer is known. */
  mediaQuality(side: BridgeSide, sample: LegQuality): void;
  /** Audio in one direction only, and that it is over (null). */
  oneWay(side: BridgeSide, oneWay: OneWay | null): void;
  /** Once for each `play` that was taken, unless the worker is lost before. */
  playEnded(side: BridgeSide, prompt: string, outcome: PlayOutcome): void;
  keySealed(key: SealedKey): void;
  /** Keys came by a transport that was not negotiated (events that were not offered, tones where events were). Capture goes on. */
  transportUnexpected(transport: 'rfc4733' | 'inband'): void;
  /** A key came as an event that is shorter than receivers have to hear (ITU-T Q.24: 40 ms). It was taken. */
  shortKey(): void;
  /** Leg 7 was heard to carry what it must not, and is muted. Once for each incident. */
  leakSuspected(sign: LeakSign): void;
  /** Somebody at the peer's address was turned away; the peer may still come. */
  handshakeRefused(side: BridgeSide, reason: HandshakeRefusal): void;
  /** The worker of this bridge is gone: both sockets are closed, audio has stopped. Nothing more is called. */
  workerLost(): void;
}

export interface MediaBridge {
  readonly customer: BridgePorts;
  readonly clean: BridgePorts;
  /** Fixed delay of the customer's audio, ms. */
  readonly lookbackMs: number;
  /** From now on this is the peer: where we send, and the only address we take media from. Ports, SSRC, sequence stay. */
  setPeer(side: BridgeSide, peer: MediaDescription): void;
  /** `whole_field` masks while a field is collected; capture itself never stops. */
  setCollecting(collecting: boolean): void;
  /**
   * Plays a prompt of the relay's, or `flat_tone`, to that side in place of the other side's voice, and of what was played before.
   * The customer's keys are taken out all the while.
   */
  play(side: BridgeSide, prompt: string): Result<null, 'unknown_prompt'>;
  stopPlaying(side: BridgeSide): void;
  /** A key that came by SIP INFO on leg 5: sealed in order with the others. The buffer is wiped by the callee. */
  sealInfoKey(keyEventCode: Uint8Array, atMs: number): void;
  /** For a rehearsal on a test call: nothing is masked any more. Refused, in the log, by a relay that was not opened for rehearsals. */
  maskOff(): void;
  figures(): Promise<BridgeFigures>;
  /** Stops relaying, wipes the delay line and closes the sockets. Resolves when that is done; repeats are harmless. */
  close(): Promise<BridgeFigures>;
}

export interface BridgeFigures {
  readonly customer: LegMedia;
  readonly clean: LegMedia;
  readonly keysSealed: number;
  readonly lastKeyAtMs: number | null;
  readonly maskedMs: number;
  /** RFC 4733 packets that were taken out of the stream. */
  readonly eventPacketsRemoved: number;
  readonly lookbackMs: number;
  readonly attestation: MaskAttestation;
}

export type BridgeRefusal = 'no_ports' | 'overloaded' | 'draining' | 'worker_failed';

export interface MediaRelay {
  /** Reserves two port pairs and arms the mask; resolves when both hold. Until `setPeer` nothing is relayed. */
  open(request: OpenBridge, handlers: MediaBridgeHandlers): Promise<Result<MediaBridge, BridgeRefusal>>;
}
