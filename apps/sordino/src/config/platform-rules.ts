import { TOKEN_HEADER, whyNotReturnTo } from '@sordino/interception';
import { isWrittenByStack } from '@sordino/sip';

/** What a profile must obey beyond the types of its keys: rules between keys, and between platforms. */

interface Platform {
  readonly id: string;
  readonly return_uri: string;
  readonly return_header?: string | undefined;
  readonly auth: { readonly inbound?: { readonly username: string; readonly realm: string } | undefined };
  readonly correlation_headers: readonly string[];
  readonly number_pool: readonly string[];
  readonly number_required: boolean;
  readonly refer: { readonly form: string; readonly target_uri?: string | undefined };
  readonly session_timer: { readonly expires_s: number; readonly min_se_s: number };
}

export interface Broken {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export function brokenPlatformRules(
  platforms: readonly Platform[],
  listen: readonly { readonly protocol: string }[],
): readonly Broken[] {
  const protocols = new Set(listen.map(({ protocol }) => protocol));
  return [
    ...platforms.flatMap((platform, index) =>
      rulesOf(platform, protocols).map(({ path, message }) => ({
        path: ['platforms', index, ...path],
        message,
      })),
    ),
    ...twice(platforms.map(({ id }, index) => ({ value: id, path: ['platforms', index, 'id'] }))),
    ...twice(
      platforms.flatMap(({ auth: { inbound } }, index) =>
        inbound === undefined
          ? []
          : [
              {
                value: `${inbound.username}:${inbound.realm}`,
                path: ['platforms', index, 'auth', 'inbound', 'username'],
              },
            ],
      ),
    ),
    ...tooManyRealms(platforms),
    ...twice(
      platforms.flatMap(({ number_pool }, index) =>
        number_pool.map((value, at) => ({ value, path: ['platforms', index, 'number_pool', at] })),
      ),
    ),
  ];
}

function rulesOf(platform: Platform, protocols: ReadonlySet<string>): readonly Broken[] {
  const { return_uri, return_header, correlation_headers, refer, session_timer } = platform;
  const broken: Broken[] = [];
  const breaks = (message: string, ...path: readonly PropertyKey[]): void =>
    void broken.push({ path, message });

  const uris = {
    return_uri: [return_uri, 'return_uri'],
    target_uri: [refer.target_uri, 'refer', 'target_uri'],
  };
  for (const [uri, ...path] of Object.values(uris)) {
    if (uri === undefined) continue;
    // Measured against itself, an address is refused only for what it is.
    const wrong = whyNotReturnTo({ returnUri: uri, returnHosts: [] }, uri);
    const transport = transportOf(uri);
    if (wrong !== undefined) breaks(`${wrong}; a password is never part of it`, ...path.map(String));
    else if (transport !== undefined && !protocols.has(transport))
      breaks(`needs a ${transport} listening point, and sip.listen has none`, ...path.map(String));
  }
  if (refer.target_uri !== undefined && refer.form === 'off')
    breaks('has no effect while refer.form is off: set refer.form, or leave it out', 'refer', 'target_uri');
  if (platform.number_required && platform.number_pool.length === 0)
    breaks('must hold numbers where number_required is true', 'number_pool');
  if (session_timer.expires_s !== 0 && session_timer.expires_s < session_timer.min_se_s)
    breaks('must be 0 or at least min_se_s', 'session_timer', 'expires_s');
  for (const [at, name] of correlation_headers.entries()) {
    if (isWrittenByStack(name))
      breaks('is written by Sordino itself and cannot be copied', 'correlation_headers', at);
    if (sameName(name, TOKEN_HEADER))
      breaks('holds the one-time token, which must not leave again', 'correlation_headers', at);
  }
  if (return_header !== undefined && isWrittenByStack(return_header))
    breaks('means something else in every INVITE: use a header of your own', 'return_header');
  return broken;
}

/** Each realm is a header of its own in every 401, with each of its algorithms. */
const REALMS_MAX = 4;

function tooManyRealms(platforms: readonly Platform[]): readonly Broken[] {
  const realms = new Set(platforms.flatMap(({ auth }) => auth.inbound?.realm ?? []));
  if (realms.size <= REALMS_MAX) return [];
  return [{ path: ['platforms'], message: `has ${realms.size} auth.inbound.realm, at most ${REALMS_MAX}` }];
}

function twice(
  named: readonly { readonly value: string; readonly path: readonly PropertyKey[] }[],
): readonly Broken[] {
  const seen = new Map<string, string>();
  return named.flatMap(({ value, path }) => {
    const first = seen.get(value);
    if (first === undefined) seen.set(value, path.join('.'));
    return first === undefined ? [] : [{ path, message: `is the same as ${first}: each may be there once` }];
  });
}

/** Undefined: left to DNS, or to the first listening point. */
function transportOf(uri: string): string | undefined {
  const named = /;transport=([^;?]+)/i.exec(uri)?.[1]?.toLowerCase();
  return named ?? (/^sips:/i.test(uri) ? 'tls' : undefined);
}

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
