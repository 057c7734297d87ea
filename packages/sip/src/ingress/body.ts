import { ok, type Result, refuse } from '@sordino/core';
import type { Flow } from '../router/transport.ts';
import { parseScalar } from './scan.ts';

/**
 * The body by RFC 3261 §18.3 and §20.14, in octets: the rest of the datagram or WebSocket message (RFC 7118 §5.3) when
 * there is no Content-Length,
 * and what follows Content-Length octets is ignored. The result is a copy: `raw` belongs to the socket.
 */
export function readBody(
  afterHeaders: Uint8Array,
  contentLength: string | undefined,
  contentType: string | undefined,
  flow: Flow,
): Result<Uint8Array, string> {
  let length = afterHeaders.length;
  if (contentLength !== undefined) {
    const declared = parseScalar(contentLength, Number.MAX_SAFE_INTEGER);
    if (declared === undefined) return refuse('Content-Length is not a number of octets');
    if (declared > afterHeaders.length) return refuse('Content-Length is larger than the body');
    length = declared;
  } else if (flow.protocol === 'tcp' || flow.protocol === 'tls')
    return refuse('Content-Length is required on a stream');
  // sip.js C1: a body of unknown type ends the process half a second later.
  if (length > 0 && (contentType ?? '') === '')
    return refuse('Content-Type is missing though there is a body');
  return ok(afterHeaders.slice(0, length));
}
