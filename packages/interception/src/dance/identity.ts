import type { PlatformProfile } from '../platform/profile.ts';
import type { IncomingInvite, SipHeaders } from '../ports/sip-calls.ts';

/** RFC 3323 §4.1.1.3. */
const ANONYMOUS_URI = 'sip:anonymous@anonymous.invalid';
/** RFC 3323 §4.2, RFC 3325 §9.3, RFC 7044 §10.1: each of these asks that nobody learns who calls. */
const PRIVACY_ASKED = /^(?:id|user|header|session|history)$/i;
/** Headers that say who calls, or came by: not even an allow-list passes them on for a caller who asked for privacy. */
const TELLING_HEADERS: ReadonlySet<string> = new Set([
  'p-asserted-identity',
  'p-preferred-identity',
  'remote-party-id',
  'identity',
  'referred-by',
  'diversion',
  'history-info',
  'call-info',
  'geolocation',
]);

/** What INVITE 7 says of the caller. */
export interface CallerIdentity {
  /** Undefined: our own address, which says nothing of anybody. */
  readonly from: string | undefined;
  readonly headers: SipHeaders;
}

/**
 * The correlation headers of INVITE 5 that may come along, and the caller's identity where the platform is trusted to know it
 * (RFC 3325 §5): else INVITE 7 holds none.
 */
export function callerIdentity(platform: PlatformProfile, invite: IncomingInvite): CallerIdentity {
  const allowed = platform.trustIdentity
    ? [...platform.correlationHeaders, 'P-Asserted-Identity']
    : platform.correlationHeaders;
  const isPrivate = invite
    .header('Privacy')
    .some((value) => value.split(/[;,]/).some((each) => PRIVACY_ASKED.test(each.trim())));
  const names = new Map(allowed.map((name) => [name.toLowerCase(), name]));
  const headers = [...names]
    .filter(([key]) => !isPrivate || !TELLING_HEADERS.has(key))
    .flatMap(([, name]) => invite.header(name).map((value) => [name, value] as const));
  return { from: isPrivate ? ANONYMOUS_URI : undefined, headers };
}
