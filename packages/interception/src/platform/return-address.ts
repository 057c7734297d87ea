import { ok, type Result, refuse } from '@sordino/core';
import type { IncomingInvite } from '../ports/sip-calls.ts';
import type { PlatformProfile } from './profile.ts';

/** Where leg 7 may be asked to go, from the most specific to the most general. */
export interface ReturnAddressSources {
  /** The platform's own id of the call; fills in `{call_id}`. */
  readonly callId: string;
  /** `call.return_uri` of the session. */
  readonly session: string | undefined;
  /** Whose `returnHeader` is read, where the profile names one. */
  readonly invite: Pick<IncomingInvite, 'header'>;
}

export interface ReturnAddressProblem {
  readonly from: 'header' | 'session';
  readonly message: string;
}

type KnownHosts = Pick<PlatformProfile, 'returnUri' | 'returnHosts'>;

/** RFC 3261 §25.1 as far as it is unambiguous: no headers, no quotes, no password, and `@` only in front of the host. */
const SIP_URI =
  /^sips?:(?:[A-Za-z0-9\-_.!~*'()&=+$,;/%{}]+@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?((?:;[^\s<>"?@;]*)*)$/;

// RFC 3261 §25.1: the characters a user part may hold unescaped, less `;` `?` `/` `&` `=` `,`, which some platforms misread.
const USER_SAFE = /[A-Za-z0-9\-_.!~*'()+$]/;

/** Longer than any address that a platform writes; what is longer is not read. */
const URI_CHARACTERS_MAX = 512;

/**
 * The Request-URI of leg 7. A header of INVITE 5 (the platform itself, for this INVITE) goes before the session's own address (the
 * agent's app, for this call), and that before the configuration. The first that is there decides: one that names a host that is
 * not known is refused and never passed over, for somebody meant the call to come back elsewhere.
 */
export function returnAddress(
  platform: Pick<PlatformProfile, 'returnUri' | 'returnHosts' | 'returnHeader'>,
  { callId, session, invite }: ReturnAddressSources,
): Result<string, ReturnAddressProblem> {
  const [first, second] = platform.returnHeader === undefined ? [] : invite.header(platform.returnHeader);
  if (first !== undefined) {
    const uri = addressOf(first);
    const problem =
      second === undefined ? whyNotReturnTo(platform, uri) : 'the header is there more than once';
    return problem === undefined ? ok(uri) : refuse({ from: 'header', message: problem });
  }
  if (session !== undefined) {
    const problem = whyNotReturnTo(platform, session);
    if (problem !== undefined) return refuse({ from: 'session', message: problem });
  }
  return ok(withCallId(session ?? platform.returnUri, callId));
}

/** Why leg 7 may not go to this address, or undefined when it may. No leg ever leaves for a host that is not configured. */
export function whyNotReturnTo(known: KnownHosts, uri: string): string | undefined {
  const parsed = uri.length > URI_CHARACTERS_MAX ? null : SIP_URI.exec(uri);
  if (parsed === null) return 'it is not a SIP URI such as sip:user@host:5060;transport=tcp';
  const [, host = '', port, params = ''] = parsed;
  // RFC 3261 §19.1.1: `maddr` would send the request to another host than the URI names.
  if (/;maddr\b/i.test(params)) return 'a SIP URI with ;maddr names two hosts';
  const own = SIP_URI.exec(known.returnUri)?.[1];
  const fits = [...(own === undefined ? [] : [own]), ...known.returnHosts].some((entry) =>
    isHost(entry, host, port),
  );
  return fits ? undefined : 'its host is neither that of return_uri nor one of return_hosts';
}

/** The platform's id of the call in place of `{call_id}`, escaped for a user part. */
export function withCallId(uri: string, callId: string): string {
  const escaped = [...new TextEncoder().encode(callId)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return USER_SAFE.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
  return uri.replaceAll('{call_id}', escaped);
}

/** `pbx.example.com` is that host on any port, `pbx.example.com:5070` on this one only. */
function isHost(entry: string, host: string, port: string | undefined): boolean {
  const [, entryHost = '', entryPort] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [undefined, entry];
  return bare(entryHost) === bare(host) && (entryPort === undefined || entryPort === port);
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').toLowerCase();

/** `"Queue 7" <sip:a@b>;x=y` and `sip:a@b` name the same address. */
const addressOf = (value: string): string => /<([^<>]*)>/.exec(value)?.[1] ?? value.trim();
