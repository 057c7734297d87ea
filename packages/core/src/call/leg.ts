/** The legs of design section 1 that exist while Sordino is in the call. */
export const LEG_ROLES = ['leg4_customer', 'leg5_in', 'leg6_media', 'leg7_out', 'leg8_agent'] as const;
export type LegRole = (typeof LEG_ROLES)[number];

export type LegState =
  | 'idle'
  | 'inviting'
  | 'early'
  | 'confirmed'
  | 'media_up'
  | 'terminating'
  | 'terminated'
  | 'stalled'
  | 'failed';

/**
 * How we know: `signalled` by our own dialog or socket, `observed` when the platform's adapter reported it,
 * `inferred` from signalling and RTP (legs 4 and 8 belong to the platform).
 */
export type LegBasis = 'signalled' | 'observed' | 'inferred';

export interface LegStateChange {
  readonly state: LegState;
  /** Unix ms. */
  readonly at_ms: number;
}

/**
 * Ten seconds of what came from a leg's peer. Its delay is half the round trip, one packet, and a jitter buffer of twice the
 * jitter: the leg's own, without the look-back.
 */
export interface LegQuality {
  /** End of the ten seconds, Unix ms. */
  readonly at_ms: number;
  readonly packets: number;
  readonly lost: number;
  readonly loss_pct: number;
  readonly jitter_ms: number;
  readonly jitter_max_ms: number;
  /** From the peer's RTCP; null while it sends none. */
  readonly rtt_ms: number | null;
  /** ITU-T G.107, 1 to 4.5; null when nothing came that could be judged. */
  readonly mos: number | null;
}

/**
 * Audio in one direction only. `not_heard`: we send to the peer and it owes us packets, and none comes. `not_hearing`: its RTCP
 * says that nothing of ours arrives.
 */
export type OneWay = 'not_heard' | 'not_hearing';

/** Whom a prompt is played to; to the agent's side on leg 7. */
export type PlayTo = 'customer' | 'agent';

export interface LegMedia {
  readonly codec: string;
  readonly local: string;
  readonly remote: string | null;
  readonly packets_in: number;
  readonly packets_out: number;
  readonly lost_in: number;
  readonly jitter_ms: number;
  /** Dropped because the source was not the signalled peer. */
  readonly foreign_in: number;
  /** RTP clock of the last packet that came in, ms ago; null when none came. */
  readonly last_in_ms_ago: number | null;
  /** Round trip to the peer (RFC 3550 §6.4.1); null while its RTCP has not told. */
  readonly rtt_ms: number | null;
  /** What the peer says of our stream: packets lost and jitter on the way there; null while it has not told. */
  readonly lost_out: number | null;
  readonly jitter_out_ms: number | null;
  readonly one_way: OneWay | null;
  /** The last minute, oldest first. */
  readonly quality: readonly LegQuality[];
}

/** A leg as the API shows it. */
export interface LegView {
  readonly role: LegRole;
  readonly cycle: number;
  readonly state: LegState;
  readonly basis: LegBasis;
  readonly since_ms: number;
  readonly states: readonly LegStateChange[];
  /** Why it ended or failed: a word of our vocabulary, with the SIP status where there was one. */
  readonly reason: string | null;
  readonly sip: { readonly call_id: string; readonly status: number | null } | null;
  readonly media: LegMedia | null;
}
