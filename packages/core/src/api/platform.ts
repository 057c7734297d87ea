/** `/v1/platforms` (design section 4). The OpenAPI document is the source; a test holds these against it. */

export interface PlatformObject {
  readonly id: string;
  readonly object: 'platform';
  readonly return_uri: string;
  readonly return_header: string | null;
  readonly return_hosts: readonly string[];
  /** Of `return_uri`; null where it does not say. */
  readonly transport: string | null;
  readonly commit: 'after_leg7' | 'at_once';
  readonly leg5_media: 'customer' | 'customer_after_reinvite' | 'via_platform';
  readonly correlation_headers: readonly string[];
  readonly codecs: readonly string[];
  readonly crypto: 'none' | 'sdes' | 'sdes_optional' | 'dtls';
  readonly refer: {
    readonly form: 'off' | 'target_dialog' | 'replaces';
    readonly target_uri: string | null;
    readonly notify_timeout_ms: number;
  };
  readonly timers: {
    readonly leg7_answer_ms: number;
    readonly first_media_ms: number;
    readonly stalled_media_ms: number;
    readonly take_back_ms: number;
  };
  /** Seconds. */
  readonly session_timer: { readonly expires_s: number; readonly min_se_s: number };
  /** One-time numbers: how many, never which. A number that is not on its way to a platform should be nobody's to know. */
  readonly e164_pool: {
    readonly size: number;
    readonly free: number;
    /** Used a moment ago; not given out again yet. */
    readonly cooling: number;
    /** The platform can dial nothing else. */
    readonly required: boolean;
  };
  readonly probe: PlatformProbeObject;
}

/** What OPTIONS told. */
export interface PlatformProbeObject {
  /** 0: never asked by itself. */
  readonly interval_s: number;
  /** `off`: never asked · `unknown`: not asked yet. */
  readonly state: 'off' | 'unknown' | 'reachable' | 'unreachable';
  /** Unix ms at which this state began. */
  readonly since_ms: number | null;
  readonly checked_at_ms: number | null;
  /** Of the last answer; null when none came. */
  readonly status: number | null;
  readonly round_trip_ms: number | null;
  /** Why there was no answer. */
  readonly reason: string | null;
  /** The lists of the last answer; null where it had none, which says nothing. */
  readonly allow: readonly string[] | null;
  readonly supported: readonly string[] | null;
  readonly accept: readonly string[] | null;
  readonly server: string | null;
  /** In words, what the dance needs and the platform does not list. */
  readonly missing: readonly string[];
}
