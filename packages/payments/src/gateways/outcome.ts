/** Why a charge was declined, in one set of words for every gateway. */
export type DeclineCategory =
  | 'funds'
  | 'do_not_honour'
  | 'expired'
  | 'bad_number'
  | 'bad_cvv'
  | 'avs'
  /** Reaches an agent only as "declined": the caller may be the thief. */
  | 'lost_stolen'
  | 'fraud_block'
  | 'not_permitted'
  | 'sca_required'
  | 'limit'
  | 'issuer_down'
  | 'config'
  | 'duplicate'
  | 'other';

/** What may help: another try later, the field that was refused, another card, or nothing. */
export type RetryAdvice = 'never' | 'same_card_later' | 'fix_field' | 'other_card';

export interface DeclineAdvice {
  readonly category: DeclineCategory;
  readonly retry: RetryAdvice;
  /** The gateway's own code, for operators; plain characters only. */
  readonly raw: string | null;
}

export type ChargeOutcome =
  | {
      readonly kind: 'approved';
      readonly authCode: string | null;
      /** Of a saved card. */
      readonly token: string | null;
      /** The gateway's own id of the charge: later steps name it. */
      readonly gatewayId?: string | null;
    }
  | { readonly kind: 'declined'; readonly declineCode: string; readonly advice?: DeclineAdvice }
  /** No byte of the body left, or the gateway turned it away before any work (429): safe to send again. */
  | { readonly kind: 'not_sent'; readonly code: string }
  /** The gateway will not do this (bad request, bad credentials): nothing was charged, and sending the same again is useless. */
  | { readonly kind: 'failed'; readonly code: string }
  /** The answer was lost or could not be read: the money may have moved. */
  | { readonly kind: 'unknown'; readonly code: string };

/** Of a settlement, void, refund or cancel by reference. */
export type FollowUpOutcome =
  | { readonly kind: 'done'; readonly gatewayId: string | null }
  /** Taken, and a notice will tell the rest. */
  | { readonly kind: 'pending'; readonly gatewayId: string | null }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'not_sent'; readonly code: string }
  | { readonly kind: 'unknown'; readonly code: string };
