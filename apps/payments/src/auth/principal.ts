import type { ApiScope, SessionId } from '@sordino/core';
import type { Caller } from '@sordino/payments';
import type { ApiKeyRecord } from './keys/key-record.ts';

/** Whose request it is and what it may touch. */
export type Principal =
  /** The tenant's server: everything of that tenant that the key's scopes allow. */
  | { readonly kind: 'api_key'; readonly caller: Caller; readonly key: ApiKeyRecord }
  /** An agent's page: sessions of one call, or one session. */
  | { readonly kind: 'agent_token'; readonly caller: Caller; readonly grant: AgentGrant }
  /** An agent's page with its session: that session. */
  | { readonly kind: 'client_secret'; readonly caller: Caller; readonly session: SessionId };

export interface AgentGrant {
  readonly of: CallGrant | SessionGrant;
  /** Those of the API key that minted it, as far as a page can have them. */
  readonly scopes: readonly ApiScope[];
  /** Unix ms. */
  readonly expires: number;
}

export interface CallGrant {
  readonly kind: 'call';
  readonly platform: string;
  readonly callId: string;
  readonly limit: { readonly amountMax: number; readonly currency: string } | null;
}

export interface SessionGrant {
  readonly kind: 'session';
  readonly session: SessionId;
}
