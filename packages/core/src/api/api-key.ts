/** `/v1/api_keys` (design section 4). The OpenAPI document is the source; a test holds these against it. */

/** What an API key may do. Each operation of the OpenAPI document names the one that it takes (`x-scope`). */
export const API_SCOPES = [
  'sessions:read',
  'sessions:write',
  'payments:confirm',
  'payments:manage',
  'payments:charge',
  'audit:read',
  'operations:read',
  'operations:write',
  'keys:read',
  'keys:write',
] as const;
export type ApiScope = (typeof API_SCOPES)[number];

export interface ApiKeyObject {
  /** `key_…` */
  readonly id: string;
  readonly object: 'api_key';
  readonly livemode: boolean;
  readonly name: string | null;
  /** The last characters of the key: of its checksum, so they tell nothing. Null: not known. */
  readonly ends_with: string | null;
  readonly scopes: readonly ApiScope[];
  readonly status: 'active' | 'expired' | 'revoked';
  /** Made here, or by whoever wrote the configuration. */
  readonly source: 'api' | 'configuration';
  /** Unix seconds. */
  readonly created: number | null;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  /** Unix seconds, to the minute; of a key of the configuration only since this process runs. */
  readonly last_used: number | null;
  /** The key that this one takes the place of. */
  readonly replaces: string | null;
  /** The key itself: only in the answer that makes it. */
  readonly key?: string;
}
