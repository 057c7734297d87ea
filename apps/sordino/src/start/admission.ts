import { readFileSync } from 'node:fs';
import {
  type AdmissionOptions,
  type DigestAlgorithm,
  digestHa1,
  hostOfUri,
  type PlatformAdmission,
} from '@sordino/sip';
import type { Config } from '../config/schema.ts';

type Platform = Config['platforms'][number];

/** Who may speak SIP to us, and whom we may call. Throws an error that names the platform whose password file cannot be read. */
export function admissionOf({ sip, platforms }: Pick<Config, 'sip' | 'platforms'>): AdmissionOptions {
  return {
    platforms: platforms.map(platformAdmission),
    limits: {
      messagesPerS: sip.limits.messages_per_s,
      invitesPerS: sip.limits.invites_per_s,
      connections: sip.limits.connections,
      wrongPerMin: sip.limits.wrong_per_min,
    },
  };
}

/** Platforms that nothing is configured for: they are taken from this machine only, which whoever integrates must learn. */
export const loopbackOnly = (platforms: readonly Platform[]): readonly string[] =>
  platforms
    .filter(
      ({ allow, tls_names, auth }) => allow.length + tls_names.length === 0 && auth.inbound === undefined,
    )
    .map(({ id }) => id);

function platformAdmission(platform: Platform): PlatformAdmission {
  const uris = [platform.return_uri, platform.refer.target_uri];
  const hosts = uris.flatMap((uri) => (uri === undefined ? [] : (hostOfUri(uri) ?? [])));
  return {
    id: platform.id,
    allow: platform.allow,
    tlsNames: platform.tls_names,
    callHosts: [...hosts, ...platform.return_hosts],
    inbound: inboundOf(platform),
    outbound: outboundOf(platform),
  };
}

function inboundOf({ id, auth: { inbound } }: Platform): PlatformAdmission['inbound'] {
  if (inbound === undefined) return undefined;
  const { username, realm, ha1, algorithms } = inbound;
  const given: Readonly<Partial<Record<DigestAlgorithm, string | undefined>>> = {
    'SHA-256': ha1?.sha256,
    MD5: ha1?.md5,
  };
  const password = ha1 === undefined ? passwordOf(inbound, `platform ${id}: auth.inbound`) : undefined;
  const secrets = algorithms.flatMap((algorithm): [DigestAlgorithm, string][] => {
    const secret =
      password === undefined ? given[algorithm] : digestHa1(algorithm, username, realm, password);
    return secret === undefined ? [] : [[algorithm, secret]];
  });
  return { username, realm, ha1: new Map(secrets) };
}

function outboundOf({ id, auth: { outbound } }: Platform): PlatformAdmission['outbound'] {
  if (outbound === undefined) return undefined;
  const { username, realm, algorithms } = outbound;
  return { username, password: passwordOf(outbound, `platform ${id}: auth.outbound`), realm, algorithms };
}

/** One line of the file, without its end. */
function passwordOf(
  { password, password_file }: { password?: string | undefined; password_file?: string | undefined },
  whose: string,
): string {
  if (password !== undefined) return password;
  let text: string;
  try {
    text = readFileSync(password_file ?? '', 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${whose}.password_file: ${password_file} cannot be read (${code ?? 'error'})`);
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '' || /\p{Cc}/u.test(secret))
    throw new Error(`${whose}.password_file: ${password_file} must hold one line, the password`);
  return secret;
}
