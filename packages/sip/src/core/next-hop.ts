import { DEFAULT_SIP_PORT } from '../router/response-route.ts';
import type { SipProtocol } from '../router/transport.ts';

export interface NextHop {
  /** Undefined: the URI does not say; UDP unless the message belongs to a TCP dialog. */
  readonly protocol: SipProtocol | undefined;
  /** Name or address, no brackets. */
  readonly host: string;
  readonly port: number;
}

/**
 * Where a request of ours goes: the first Route, else the Request-URI (RFC 3261 §8.1.2). Names are left to the operating
 * system's resolver; NAPTR and SRV (RFC 3263) are not looked up.
 */
export function nextHopOf(request: string): NextHop | undefined {
  const head = request.slice(0, request.indexOf('\r\n\r\n'));
  const route = /\r\nRoute: [^<\r\n]*<([^>\r\n]+)>/.exec(head)?.[1];
  const uri = route ?? /^[A-Z]+ (\S+) SIP\/2\.0\r\n/.exec(request)?.[1];
  return uri === undefined ? undefined : hopOfUri(uri);
}

export function hopOfUri(uri: string): NextHop | undefined {
  const match = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?@]+)(?::(\d+))?/i.exec(uri);
  const host = match?.[1];
  if (host === undefined) return undefined;
  const transport = /;transport=([a-z]+)/i.exec(uri)?.[1]?.toLowerCase();
  return {
    protocol: transport === 'udp' || transport === 'tcp' ? transport : undefined,
    host: host.startsWith('[') ? host.slice(1, -1) : host,
    port: match?.[2] === undefined ? DEFAULT_SIP_PORT : Number(match[2]),
  };
}
