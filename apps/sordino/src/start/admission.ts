import { type AdmissionOptions, hostOfUri, type PlatformAdmission } from '@sordino/sip';
import type { Config } from '../config/schema.ts';

/** Who may speak SIP to us, and whom we may call. */
export function admissionOf({ sip, platforms }: Pick<Config, 'sip' | 'platforms'>): AdmissionOptions {
  return {
    platforms: platforms.map(platformAdmission),
    limits: {
      messagesPerS: sip.limits.messages_per_s,
      invitesPerS: sip.limits.invites_per_s,
      connections: sip.limits.connections,
    },
  };
}

function platformAdmission(platform: Config['platforms'][number]): PlatformAdmission {
  const uris = [platform.return_uri, platform.refer.target_uri];
  const hosts = uris.flatMap((uri) => (uri === undefined ? [] : (hostOfUri(uri) ?? [])));
  return {
    id: platform.id,
    allow: platform.allow,
    tlsNames: platform.tls_names,
    callHosts: [...hosts, ...platform.return_hosts],
  };
}

/** Platforms that nothing is configured for: they are taken from this machine only, which whoever integrates must learn. */
export function loopbackOnly(platforms: Config['platforms']): readonly string[] {
  return platforms
    .filter(({ allow, tls_names }) => allow.length + tls_names.length === 0)
    .map(({ id }) => id);
}
