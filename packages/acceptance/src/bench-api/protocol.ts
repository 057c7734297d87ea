import type { SealedKey, SessionId } from '@sordino/core';

/** Between the load (parent) and the API under test (child), over the IPC channel of `fork`: what the relay and the platform would do. */

export const STORE_KINDS = ['memory', 'journal', 'redis'] as const;
export type StoreKind = (typeof STORE_KINDS)[number];

export interface ServerSetup {
  /** `bare`: the baseline. */
  readonly kind: StoreKind | 'bare';
  readonly apiKey: string;
  readonly gatewayUrl: string;
  readonly directory: string;
  readonly redisPort: number;
}

export type ToServer = { readonly type: 'keys'; readonly keys: readonly SealedKey[] };

export type FromServer =
  | { readonly type: 'listening'; readonly url: string }
  /** A session has been made: its key presses are sealed to this key. */
  | { readonly type: 'expect'; readonly session: SessionId; readonly sealTo: Uint8Array };
