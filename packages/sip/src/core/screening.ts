import { tooShort } from '../legs/session-expires.ts';
import { type EdgeRequest, remoteContact } from './edge-message.ts';
import { mediaType, SDP_TYPE } from './session-body.ts';

/** What we answer other than 405. */
export const ALLOWED_METHODS = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'OPTIONS',
  'INFO',
  'REFER',
  'UPDATE',
  'PRACK',
  'NOTIFY',
] as const;
export const ALLOW_LINE = `Allow: ${ALLOWED_METHODS.join(', ')}`;
export const ACCEPT_LINE = `Accept: ${SDP_TYPE}`;

/** Extensions that a peer may require of us (RFC 4028, RFC 3262). */
export const OPTION_TAGS: readonly string[] = ['timer', '100rel'];

export interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly lines?: readonly string[];
}

/**
 * The checks of RFC 3261 §8.2 that sip.js leaves out, in that order. ACK and CANCEL are never screened. `more`: extensions that the
 * application takes.
 */
export function screen(
  request: EdgeRequest,
  minSeS: number,
  more: readonly string[] = [],
): Refusal | undefined {
  const { method, parsed } = request;
  if (!(ALLOWED_METHODS as readonly string[]).includes(method)) return { status: 405, lines: [ALLOW_LINE] };
  if (!isUsable(parsed.requestUri.scheme, request)) return { status: 416 };
  // RFC 3261 §8.2.2.3
  const known = [...OPTION_TAGS, ...more];
  const unknown = request.values('Require').filter((tag) => !known.includes(tag.toLowerCase()));
  if (unknown.length > 0) return { status: 420, lines: [`Unsupported: ${unknown.join(', ')}`] };
  // RFC 7332 §4: a B2BUA that makes a new INVITE of this one is a hop like any other.
  if (method === 'INVITE' && request.toTag === '' && request.value('Max-Forwards') === '0')
    return { status: 483 };
  if (method === 'INVITE') {
    const contact = remoteContact(parsed);
    if (contact === undefined) return { status: 400, reason: 'Contact is missing' };
    if (!isUsable(contact.uri.scheme, request)) return { status: 400, reason: 'Contact is not a sip URI' };
    if (!acceptsSdp(request)) return { status: 406 };
  }
  if (method !== 'INVITE' && method !== 'UPDATE') return undefined;
  // RFC 4028 §8
  if (tooShort(request, minSeS)) return { status: 422, lines: [`Min-SE: ${minSeS}`] };
  return screenOffer(request);
}

/** RFC 4475 §3.3.15: an answer that the caller cannot read is no answer. */
function acceptsSdp(request: EdgeRequest): boolean {
  const accepted = request.values('Accept').map(mediaType);
  return accepted.length === 0 || accepted.some((type) => SDP_RANGES.has(type));
}

const SDP_RANGES: ReadonlySet<string> = new Set([SDP_TYPE, 'application/*', '*/*']);

/** RFC 3261 §19.1: `sips:` is for what came under TLS; over anything else we could not keep its promise. */
const isUsable = (scheme: string, { flow }: EdgeRequest): boolean =>
  scheme === 'sip' || (scheme === 'sips' && (flow.protocol === 'tls' || flow.protocol === 'wss'));

/** RFC 3261 §8.2.3: what we cannot read and may not ignore is 415 with what we can. */
function screenOffer(request: EdgeRequest): Refusal | undefined {
  const encodings = request.values('Content-Encoding').filter((value) => value.toLowerCase() !== 'identity');
  if (request.parsed.body.length > 0 && encodings.length > 0) {
    return { status: 415, lines: ['Accept-Encoding: identity'] };
  }
  if (request.part.kind !== 'other') return undefined;
  const optional = /;\s*handling\s*=\s*optional\b/i.test(request.value('Content-Disposition') ?? '');
  // A multipart without SDP may hold only optional parts; refusing it is RFC 5621 §3.1, and never loses an offer.
  return optional && !mediaType(request.part.contentType).startsWith('multipart/')
    ? undefined
    : { status: 415, lines: [ACCEPT_LINE] };
}
