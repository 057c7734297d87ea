import type { SessionId } from '@sordino/core';
import type { Caller } from '@sordino/payments';

/** Whose request it is and what it may touch. */
export type Principal =
  /** The tenant's server: everything of that tenant. */
  | { readonly kind: 'api_key'; readonly caller: Caller; readonly keyId: string }
  /** An agent's page before it has a session: sessions of one call. */
  | { readonly kind: 'agent_token'; readonly caller: Caller; readonly grant: AgentGrant }
  /** An agent's page with its session: that session. */
  | { readonly kind: 'client_secret'; readonly caller: Caller; readonly session: SessionId };

export interface AgentGrant {
  readonly platform: string;
  readonly callId: string;
  readonly limit: { readonly amountMax: number; readonly currency: string } | null;
  /** Unix ms. */
  readonly expires: number;
}
