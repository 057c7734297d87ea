import type { SealedKey, SessionId } from '@sordino/core';
import type { CallEvent } from '@sordino/payments';

/** What the payments process under search is told by its parent. Card data only ever in sealed keys, as from a relay. */
export type ToPayments =
  | { readonly order: 'report'; readonly event: CallEvent }
  | { readonly order: 'collect_garbage' }
  /** The control: opens these keys and keeps them as a careless program would. */
  | { readonly order: 'hold'; readonly as: HeldAs; readonly keys: readonly SealedKey[] }
  | { readonly order: 'close' };

export type HeldAs = 'string' | 'small buffer' | 'list of digits';

export type FromPayments =
  | { readonly said: 'up'; readonly api: string; readonly controlKey: Uint8Array }
  | { readonly said: 'expected'; readonly session: SessionId; readonly sealTo: Uint8Array }
  | { readonly said: 'done' };

/** Of keys that are for the control. */
export const CONTROL_SESSION = 'ses_control' as SessionId;

/** Where everything is, as one JSON argument. */
export interface PaymentsSetup {
  readonly directory: string;
  readonly apiKeySha256: string;
  /** Of the merchant's service, by connector. */
  readonly gateways: Readonly<Record<string, string>>;
  readonly gatewaySecret: string;
  readonly webhookUrl: string;
}
