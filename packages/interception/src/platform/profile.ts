import type { AudioCodec } from '../ports/sdp-negotiator.ts';

/** When leg 5 is answered (design section 5, "Order of answers"). */
export type CommitOrder = 'after_leg7' | 'at_once';

/**
 * Whose media the session description on leg 5 names: it cannot be told from the SDP alone.
 * `customer`: offer shapes a-1 and a-2 · `customer_after_reinvite`: a-3 · `via_platform`: the platform keeps proxying.
 */
export type Leg5Media = 'customer' | 'customer_after_reinvite' | 'via_platform';

/**
 * How Sordino may ask for the call (flow (b)). `off`: only the platform's own INVITE (flow (a)) ·
 * `target_dialog`: REFER with Target-Dialog (RFC 4538), the platform then INVITEs us ·
 * `replaces`: INVITE with Replaces (RFC 3891) into the platform's dialog, given back by REFER with Replaces (restore c-2).
 */
export type ReferForm = 'off' | 'target_dialog' | 'replaces';

/** How we start a call ourselves, flow (b). */
export interface ReferProfile {
  readonly form: ReferForm;
  /** Where the REFER (or the INVITE with Replaces) goes; `{call_id}` stands for the platform's own id of the call. Undefined: `returnUri`. */
  readonly targetUri: string | undefined;
  /** Design section 5 (b): 202 and then no NOTIFY for so long means that it failed. */
  readonly notifyTimeoutMs: number;
}

/** Waiting times that differ from platform to platform; the defaults are those of `limits.ts`. All ms. */
export interface PlatformTimers {
  /** INVITE 7 to its final answer. */
  readonly leg7AnswerMs: number;
  /** Commit point to the customer's first packet. */
  readonly firstMediaMs: number;
  /** Customer silent on the wire while engaged. */
  readonly stalledMediaMs: number;
  /** BYE on leg 5 to the customer's packets stopping; then `degraded` and an alarm. */
  readonly takeBackMs: number;
}

/** Session timers (RFC 4028), seconds. */
export interface SessionTimerProfile {
  /** `Session-Expires` that we ask for on leg 7. 0: none. */
  readonly expiresS: number;
  /** Shortest that we accept or offer (`Min-SE`); at least 90. */
  readonly minSeS: number;
}

/**
 * Media encryption on legs 6 and 7, each leg with keys of its own.
 * `none`: RTP/AVP · `sdes`: RTP/SAVP with keys in the SDP (RFC 4568), anything else is refused · `sdes_optional`: encrypted where
 * the peer offers or takes it (RFC 8643), else in the clear; a leg that was encrypted once stays so · `dtls`: UDP/TLS/RTP/SAVPF or
 * SAVP with keys from a handshake (RFC 5764), as browsers have it; anything else is refused.
 */
export type MediaCrypto = 'none' | 'sdes' | 'sdes_optional' | 'dtls';

/** What we know of one CCaaS platform. Validated configuration. */
export interface PlatformProfile {
  readonly id: string;
  /** Where leg 7 goes: a SIP URI; `{call_id}` stands for the platform's own id of the call. */
  readonly returnUri: string;
  /** Header of INVITE 5 whose URI goes before that of the session and before `returnUri`; see `return-address.ts`. */
  readonly returnHeader: string | undefined;
  /** Hosts that a return address of the session or of a header may name, beside that of `returnUri`. No other leg ever leaves. */
  readonly returnHosts: readonly string[];
  readonly commit: CommitOrder;
  readonly leg5Media: Leg5Media;
  /** Headers of INVITE 5 that are copied to INVITE 7, so that the platform finds the call again. Nothing else foreign is. */
  readonly correlationHeaders: readonly string[];
  /** RFC 3325: the platform may learn who calls: P-Asserted-Identity goes with INVITE 7, unless the caller asked for privacy. */
  readonly trustIdentity: boolean;
  /** One-time numbers (E.164) for platforms that can only dial a number. */
  readonly numberPool: readonly string[];
  /** The platform can dial nothing but a number: a session that would get none is refused. */
  readonly numberRequired: boolean;
  /** How long a used number rests: an INVITE that comes late must not meet the next session. */
  readonly numberCoolDownMs: number;
  /** Best first. */
  readonly codecs: readonly AudioCodec[];
  readonly crypto: MediaCrypto;
  readonly refer: ReferProfile;
  readonly timers: PlatformTimers;
  readonly sessionTimer: SessionTimerProfile;
  /** How often the platform is asked by OPTIONS whether it is there, seconds. 0: never. */
  readonly probeIntervalS: number;
}
