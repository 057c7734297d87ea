import { API_SCOPES, type ApiKeyObject, type ApiScope } from '@sordino/core';

/** An API key as the configuration holds it: never the key itself. */
export interface ApiKeyRecord {
  /** For logs and the audit trail: which key it was. */
  readonly id: string;
  /** SHA-256 of the key, 64 hexadecimal digits; see `hashCredential`. */
  readonly sha256: string;
  readonly tenant: string;
  readonly livemode: boolean;
  /** Left out: all of them. */
  readonly scopes?: readonly ApiScope[] | undefined;
  /** Unix ms; null or left out: never. */
  readonly expires?: number | null | undefined;
}

/** A key that was made here, as it is kept on disk. */
export interface StoredKey extends ApiKeyRecord {
  readonly scopes: readonly ApiScope[];
  readonly name: string | null;
  readonly endsWith: string;
  /** Unix ms, like the others. */
  readonly created: number;
  readonly expires: number | null;
  readonly revoked: number | null;
  /** The key that this one takes the place of. */
  readonly replaces: string | null;
}

export const scopesOf = (key: ApiKeyRecord): readonly ApiScope[] => key.scopes ?? API_SCOPES;

export const isStored = (key: ApiKeyRecord): key is StoredKey => 'endsWith' in key;

export function statusOf(key: ApiKeyRecord, nowMs: number): ApiKeyObject['status'] {
  if (isStored(key) && key.revoked !== null) return 'revoked';
  return key.expires != null && key.expires <= nowMs ? 'expired' : 'active';
}

export function viewOf(key: ApiKeyRecord, nowMs: number, lastUsed: number | undefined): ApiKeyObject {
  const stored = isStored(key) ? key : undefined;
  return {
    id: key.id,
    object: 'api_key',
    livemode: key.livemode,
    name: stored?.name ?? null,
    ends_with: stored?.endsWith ?? null,
    scopes: scopesOf(key),
    status: statusOf(key, nowMs),
    source: stored ? 'api' : 'configuration',
    created: seconds(stored?.created),
    expires_at: seconds(key.expires),
    revoked_at: seconds(stored?.revoked),
    last_used: seconds(lastUsed),
    replaces: stored?.replaces ?? null,
  };
}

const seconds = (ms: number | null | undefined): number | null =>
  ms == null ? null : Math.floor(ms / 1_000);
