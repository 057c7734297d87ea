import { DEFAULT_PORTS } from '../router/response-route.ts';
import type { SipProtocol } from '../router/transport.ts';

export interface NextHop {
  /** Undefined: the URI does not say; UDP unless the message belongs to a dialog over something else. */
  readonly protocol: SipProtocol | undefined;
  /** Name or address, no brackets. */
  readonly host: string;
  /** Undefined: the URI names none, so a name is looked up as a service (RFC 3263 §4.2). */
  readonly port: number | undefined;
}

/** The URI that a request of ours goes to: the first Route, else the Request-URI (RFC 3261 §8.1.2). */
export function nextHopOf(request: string): NextHop | undefined {
  const route = routeOf(request);
  const uri = route ?? /^[A-Z]+ (\S+) SIP\/2\.0\r\n/.exec(request)?.[1];
  return uri === undefined ? undefined : hopOfUri(uri);
}

function routeOf(request: string): string | undefined {
  const at = request.indexOf('\r\nRoute: ');
  if (at < 0 || at > request.indexOf('\r\n\r\n')) return undefined;
  return /^[^<\r\n]*<([^>\r\n]+)>/.exec(request.slice(at + 9))?.[1];
}

/** Host of a SIP URI, also of one that has `{placeholders}` in its user part. */
export const hostOfUri = (uri: string): string | undefined => hopOfUri(uri)?.host;

/** RFC 3263 §4.1: what the URI alone says of protocol, host and port. */
export function hopOfUri(uri: string): NextHop | undefined {
  const match = /^(sips?):(?:[^@]*@)?(\[[^\]]+\]|[^:;?@]+)(?::(\d+))?/i.exec(uri);
  const host = match?.[2];
  if (host === undefined) return undefined;
  const transport = /;transport=([a-z]+)/i.exec(uri)?.[1]?.toLowerCase();
  const named =
    transport !== undefined && transport in DEFAULT_PORTS ? (transport as SipProtocol) : undefined;
  const secure = match?.[1]?.toLowerCase() === 'sips';
  return {
    // RFC 3261 §26.2.2: sips over TCP is TLS; RFC 7118 §5.5: over WebSocket it is WSS.
    protocol: secure ? (named === 'ws' || named === 'wss' ? 'wss' : 'tls') : named,
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port: match?.[3] === undefined ? undefined : Number(match[3]),
  };
}
