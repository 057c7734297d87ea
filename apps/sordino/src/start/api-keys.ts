import { type ApiKeyRecord, hashCredential, makeApiKey } from '@sordino/app-payments';
import type { Config } from '../config/schema.ts';
import { randomBytes } from '../system.ts';

export interface ProcessKeys {
  readonly records: readonly ApiKeyRecord[];
  /** Made for this run because none is configured; to be shown once. */
  readonly shownOnce: string | undefined;
}

/**
 * The configured keys; without any (`hasStored`: and none that was made before), a random test key for this run: there is no default key to forget (PCI DSS 2.2.2). `before`: the
 * one that the service had which died, so that the pages that know it go on working.
 */
export function processKeys(
  configured: Config['api']['keys'],
  hasStored: boolean,
  before: string | undefined,
): ProcessKeys {
  if (configured.length > 0 || (hasStored && before === undefined)) {
    return {
      records: configured.map(({ expires, ...key }, index) => ({
        id: `key_${index + 1}`,
        ...key,
        expires: expires === undefined ? null : Date.parse(expires),
      })),
      shownOnce: undefined,
    };
  }
  const key = before ?? makeApiKey(false, randomBytes);
  const record = { id: 'key_of_this_run', sha256: hashCredential(key), tenant: 'default', livemode: false };
  return { records: [record], shownOnce: key };
}
