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
