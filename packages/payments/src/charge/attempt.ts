import type { AttemptId, ConnectorId, IntentType, SessionId } from '@sordino/core';
import type { DeclineAdvice, DeclineCategory, RetryAdvice } from '../gateways/outcome.ts';

/** sending: on disk, the first byte may have left · the rest are outcomes; only `sending` and `unknown` are open. */
export type AttemptState = 'sending' | 'approved' | 'declined' | 'not_sent' | 'failed' | 'unknown';

/** Of a key's 30, what a gateway with little room repeats: 100 random bits, so that no two keys end alike. */
export const KEY_END_CHARACTERS = 20;

/** What became of a charge, as an agent may see it. */
export interface PaymentResult {
  readonly authCode: string | null;
  readonly token: string | null;
  readonly declineCode: string | null;
  /** Of a declined one; never that a card is lost, stolen or under suspicion: the caller may be the thief. */
  readonly declineCategory: DeclineCategory | null;
  readonly retry: RetryAdvice | null;
  readonly failureCode: string | null;
}

/** The durable record of one charge (rule 7). Written before the first byte leaves; holds no card data. */
export interface ChargeAttempt {
  readonly id: AttemptId;
  readonly session: SessionId;
  readonly connector: ConnectorId;
  readonly intent: { readonly type: IntentType; readonly amount: number; readonly currency: string };
  /** Our reference at the gateway and its idempotency key: stable over restarts. */
  readonly key: string;
  /** What finishes or finds a charge without its card, see `KeepMemo`. */
  readonly memo: string | null;
  readonly state: AttemptState;
  readonly result: PaymentResult;
  /** The gateway's own id of the charge: later steps and notices name it. */
  readonly gatewayId: string | null;
  /** Of a declined one, as the gateway meant it: more than an agent may see. */
  readonly advice: DeclineAdvice | null;
  /** Which card, to whoever has the key of the tag; null: not known. See decision 0032. */
  readonly cardTag: string | null;
  /** The gateway approved it after it was settled otherwise: what was done about it is among the session's operations and events. */
  readonly approvedLate: boolean;
  /** A person has looked its outcome up; `contradicted`: the gateway told otherwise since, and people were told. Left out: nobody had to. */
  readonly byHand?: 'unopposed' | 'contradicted';
  /** Unix ms. */
  readonly created: number;
  readonly updated: number;
}
