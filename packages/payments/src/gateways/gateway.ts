import type { IntentType } from '@sordino/core';

/** What one charge needs besides the card. */
export interface ChargeRequest {
  /** Idempotency key and our reference at the gateway. */
  readonly key: string;
  readonly type: IntentType;
  /** Minor units. */
  readonly amount: number;
  /** ISO 4217, lower case. */
  readonly currency: string;
  readonly reference: string | null;
}

/** Card data as bytes (ASCII digits) inside one wiped-after-use buffer of at least 256 bytes; views into it, never copies. */
export interface CardBytes {
  readonly number: Uint8Array;
  /** `MMYY` */
  readonly expiry: Uint8Array;
  /** Empty when not collected. */
  readonly cvc: Uint8Array;
  readonly postalCode: Uint8Array;
}

export type ChargeOutcome =
  | { readonly kind: 'approved'; readonly authCode: string | null; readonly token: string | null }
  | { readonly kind: 'declined'; readonly declineCode: string }
  /** No byte of the body left, or the gateway turned it away before any work (429): safe to send again. */
  | { readonly kind: 'not_sent'; readonly code: string }
  /** The gateway will not do this (bad request, bad credentials): nothing was charged, and sending the same again is useless. */
  | { readonly kind: 'failed'; readonly code: string }
  /** The answer was lost or could not be read: the money may have moved. */
  | { readonly kind: 'unknown'; readonly code: string };

export interface Gateway {
  readonly name: string;
  /** Whether it moves money: it takes sessions of live keys only, or of test keys only. */
  readonly livemode: boolean;
  /** Never rejects. The caller wipes `card` afterwards, whatever happened. */
  charge(request: ChargeRequest, card: CardBytes): Promise<ChargeOutcome>;
  /** What became of `key`: `not_found` means the gateway has never heard of it. Never rejects. */
  query(key: string): Promise<ChargeOutcome | { readonly kind: 'not_found' }>;
}
