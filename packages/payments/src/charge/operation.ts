import type { AttemptId, ConnectorId, OperationId, SessionId } from '@sordino/core';
import type { FollowUpKind } from '../gateways/gateway.ts';

/**
 * sending: on disk, the first byte may have left · pending: taken, a notice will tell the rest · unknown: the answer was lost. The others
 * are final. What is `sending` or `unknown` is open: somebody has to find out.
 */
export type OperationState = 'sending' | 'pending' | 'done' | 'refused' | 'not_sent' | 'unknown';

/** The durable record of a step after a charge. Written before its first byte leaves; holds no card data. */
export interface PaymentOperation {
  readonly id: OperationId;
  readonly session: SessionId;
  readonly attempt: AttemptId;
  readonly connector: ConnectorId;
  /** `cancel`: undoes a charge by our key, whether or not it was made. */
  readonly kind: FollowUpKind | 'cancel';
  /** At the gateway; stable over restarts. */
  readonly key: string;
  /** Of whoever asked: the same again is the same operation. Null: nobody did. */
  readonly requestKey: string | null;
  readonly why: 'requested' | 'late_approval' | 'outcome_unknown';
  /** Minor units, in the currency of the charge. */
  readonly amount: number;
  readonly state: OperationState;
  /** Why it was refused, or is not known. */
  readonly code: string | null;
  readonly gatewayId: string | null;
  /** Unix ms. */
  readonly created: number;
  readonly updated: number;
}

export const isOpenOperation = ({ state }: PaymentOperation): boolean =>
  state === 'sending' || state === 'unknown';
