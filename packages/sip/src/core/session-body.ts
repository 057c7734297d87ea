import type { Body } from 'sip.js/lib/core/index.js';

export const SDP_TYPE = 'application/sdp';

/** What a message body is to the offer/answer model (RFC 3261 §13.2.1). */
export type SessionPart =
  | { readonly kind: 'none' }
  | { readonly kind: 'sdp'; readonly sdp: string }
  | { readonly kind: 'other'; readonly contentType: string };

/** Parts of one multipart body: SDP, ISUP, a SIPREC metadata document and a location make four. */
const PARTS_MAX = 8;
/** `multipart/alternative` inside `multipart/mixed`. */
const NESTING_MAX = 2;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder('latin1');

/** `application/sdp`, in lower case and without parameters. */
export const mediaType = (contentType: string): string =>
  (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();

/** The session description of a body: the body itself, or the first `application/sdp` part of a multipart one (RFC 5621 §3). */
export function sessionPart(contentType: string | undefined, body: Uint8Array, depth = 0): SessionPart {
  if (body.length === 0 || contentType === undefined) return { kind: 'none' };
  const type = mediaType(contentType);
  if (type === SDP_TYPE) return { kind: 'sdp', sdp: decode(body) };
  if (type.startsWith('multipart/') && depth < NESTING_MAX) {
    const boundary = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
    const marker = boundary?.[1] ?? boundary?.[2];
    if (marker !== undefined) {
      for (const part of parts(body, marker)) {
        const found = sessionPart(part.contentType, part.body, depth + 1);
        if (found.kind === 'sdp') return found;
      }
    }
  }
  return { kind: 'other', contentType: type };
}

// RFC 8866 §5 text is UTF-8; old equipment writes Latin-1 into the session name, which must not cost the call.
function decode(octets: Uint8Array): string {
  try {
    return utf8.decode(octets);
  } catch {
    return latin1.decode(octets);
  }
}

interface Part {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** RFC 2046 §5.1. Latin-1 maps each octet to one character, so text positions are octet positions. */
function parts(body: Uint8Array, boundary: string): Part[] {
  const text = `\r\n${latin1.decode(body)}`;
  const found: Part[] = [];
  const marker = `\r\n--${boundary}`;
  let at = text.indexOf(marker);
  while (at >= 0 && found.length < PARTS_MAX) {
    const start = text.indexOf('\r\n', at + marker.length);
    const end = text.indexOf(marker, at + marker.length);
    if (start < 0 || end < 0 || start > end) break;
    const headEnd = text.indexOf('\r\n\r\n', start);
    if (headEnd >= 0 && headEnd < end) {
      const contentType = /\r\nContent-Type[ \t]*:[ \t]*([^\r\n]+)/i.exec(text.slice(start, headEnd))?.[1];
      // Two characters less: the CRLF put in front of the text is not in the body.
      if (contentType !== undefined) found.push({ contentType, body: body.subarray(headEnd + 2, end - 2) });
    }
    at = end;
  }
  return found;
}

/** Throws a TypeError for text that cannot go on the wire: sip.js would throw with a timer armed (C2). */
export function sdpBody(sdp: string): Body {
  if (sdp === '') throw new TypeError('An empty session description cannot be sent');
  if (/\p{Surrogate}/u.test(sdp)) throw new TypeError('Session description has half a surrogate pair');
  return { contentDisposition: 'session', contentType: SDP_TYPE, content: sdp };
}
