import type { AudioCodec } from '../ports/sdp-negotiator.ts';

/** When leg 5 is answered (design section 5, "Order of answers"). */
export type CommitOrder = 'after_leg7' | 'at_once';

/**
 * Whose media the session description on leg 5 names: it cannot be told from the SDP alone.
 * `customer`: offer shapes a-1 and a-2 · `customer_after_reinvite`: a-3 · `via_platform`: the platform keeps proxying.
 */
export type Leg5Media = 'customer' | 'customer_after_reinvite' | 'via_platform';

/** What we know of one CCaaS platform. Validated configuration. */
export interface PlatformProfile {
  readonly id: string;
  /** Where leg 7 goes: a SIP URI; `{call_id}` stands for the platform's own id of the call. */
  readonly returnUri: string;
  readonly commit: CommitOrder;
  readonly leg5Media: Leg5Media;
  /** Headers of INVITE 5 that are copied to INVITE 7, so that the platform finds the call again. */
  readonly correlationHeaders: readonly string[];
  /** One-time numbers (E.164) for platforms that can only dial a number. */
  readonly numberPool: readonly string[];
  /** Best first. */
  readonly codecs: readonly AudioCodec[];
}
