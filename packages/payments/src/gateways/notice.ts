import type { FollowUpKind } from './gateway.ts';
import type { ChargeOutcome, FollowUpOutcome } from './outcome.ts';

/** A message that a gateway sends on its own (a webhook), as it came. */
export interface IncomingNotice {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Unix ms. */
  readonly nowMs: number;
}

/** One thing that a notice tells. */
export interface NoticeItem {
  /** The gateway's id of the message: the same again changes nothing. */
  readonly id: string;
  /** Which charge: our key, or where the gateway has no room for all of it, how it ends; where it does not repeat it at all, its own id. */
  readonly about: { readonly key: string } | { readonly keyEnd: string } | { readonly gatewayId: string };
  readonly tells:
    | { readonly of: 'charge'; readonly outcome: ChargeOutcome }
    /** `key`: of the step, where the gateway repeats it. */
    | {
        readonly of: FollowUpKind | 'cancel';
        readonly key: string | null;
        readonly outcome: FollowUpOutcome;
      };
}

export type NoticeVerdict =
  | {
      readonly kind: 'read';
      readonly items: readonly NoticeItem[];
      /** What the gateway wants to hear; else 200 with an empty body. */
      readonly answer?: string;
    }
  /** Forged, stale or unreadable: nothing of it is believed. */
  | { readonly kind: 'refused'; readonly code: 'bad_signature' | 'too_old' | 'unreadable' };

/** Checks signature and age before anything else is read. Never throws. */
export type NoticeReader = (notice: IncomingNotice) => NoticeVerdict;
