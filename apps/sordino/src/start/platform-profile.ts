import type { PlatformProfile } from '@sordino/interception';
import type { Config } from '../config/schema.ts';

/** A platform of the configuration in the words of the call model. */
export function platformProfile(platform: Config['platforms'][number]): PlatformProfile {
  return {
    id: platform.id,
    returnUri: platform.return_uri,
    commit: platform.commit,
    leg5Media: platform.leg5_media,
    correlationHeaders: platform.correlation_headers,
    numberPool: platform.number_pool,
    codecs: platform.codecs,
  };
}
