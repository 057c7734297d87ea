import type { IntentType } from '@sordino/core';
import type { NoticeReader } from './notice.ts';
import type { ChargeOutcome, FollowUpOutcome } from './outcome.ts';

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
  /** Instead of a card, which is empty then: only for gateways with `bankAccounts`. */
  readonly bank?: BankBytes;
}

export interface BankBytes {
  /** ABA routing number (USD) or sort code (GBP). */
  readonly routing: Uint8Array;
  readonly account: Uint8Array;
}

/** What is left of a charge when the card is wiped: all that finds out what became of it. */
export interface ChargeTrace extends ChargeRequest {
  /** What the gateway's client kept with `keep` before the money could move; null: nothing. */
  readonly memo: string | null;
  /** Unix ms of the attempt: look-ups by time begin a little before it. */
  readonly created: number;
  /** Whether what was begun may still be finished (decision 0033): while people wait for it, and before anybody may charge again instead. */
  readonly mayFinish: boolean;
}

/**
 * Makes `memo` durable and resolves when it is: a gateway that takes the card in one call and moves the money in a second one keeps the token
 * of the first, so that the second can be said again after a lost answer or a crash, without the card. Printable ASCII, at most 255
 * characters, no card number. Rejects when it could not be stored: then nothing more may be sent.
 */
export type KeepMemo = (memo: string) => Promise<void>;

/** Later steps of an authorised or charged card. */
export type FollowUpKind = 'settle' | 'void' | 'refund';

export interface FollowUpRequest {
  readonly kind: FollowUpKind;
  /** Of this step; durable before its first byte leaves. */
  readonly key: string;
  readonly charge: ChargeTrace;
  /** The gateway's own id, as the approval told it. */
  readonly gatewayId: string;
  /** Minor units, in the charge's currency; of a void the whole charge. */
  readonly amount: number;
}

/** What a connector can do; what is false here is refused at create or by the operation, before anything is sent. */
export interface GatewayCapabilities {
  /** Every charge is flagged as mail order/telephone order. */
  readonly moto: boolean;
  readonly authorize: boolean;
  readonly tokenize: boolean;
  readonly settle: boolean;
  /** Settles less than was authorised. */
  readonly partialSettle: boolean;
  readonly void: boolean;
  readonly refund: boolean;
  /** The same key and the same bytes give the first answer again: a charge may be repeated while the card is still here. */
  readonly replay: boolean;
  /** `query` finds a charge by our key. */
  readonly queryByReference: boolean;
  /** `cancel` undoes a charge by our key, whether or not it was made. */
  readonly cancelByReference: boolean;
  /** Takes bank account details (`bank_routing`, `bank_account`) instead of a card. */
  readonly bankAccounts: boolean;
}

export interface Gateway {
  readonly name: string;
  /** Whether it moves money: it takes sessions of live keys only, or of test keys only. */
  readonly livemode: boolean;
  readonly capabilities: GatewayCapabilities;
  /** Sends the charge once. Never rejects. The caller wipes `card` afterwards, whatever happened. */
  charge(request: ChargeRequest, card: CardBytes, keep: KeepMemo): Promise<ChargeOutcome>;
  /**
   * What became of a charge: `not_found` means the gateway has never heard of it. With a memo and `mayFinish` it may finish what was begun
   * (the same key, so never a second charge); without it only looks. Never rejects.
   */
  query(charge: ChargeTrace): Promise<ChargeOutcome | { readonly kind: 'not_found' }>;
  /** Undoes a charge by our key. `done`: no money has moved and none will. Only with `cancelByReference`. Never rejects. */
  cancel?(charge: ChargeTrace, key: string): Promise<FollowUpOutcome>;
  /** Settles, voids or refunds. The same `key` again must not do it twice: where the gateway has no keys, its client looks first. Never rejects. */
  followUp?(request: FollowUpRequest): Promise<FollowUpOutcome>;
  /** Reads what the gateway sends on its own. */
  readonly notices?: NoticeReader;
}
