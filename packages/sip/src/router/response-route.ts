import { PORT_MAX } from '../ingress/parse-limits.ts';
import type { ParsedVia } from '../ingress/parse-result.ts';
import { parseScalar } from '../ingress/scan.ts';
import type { SipAddress, SipProtocol } from './transport.ts';

/** RFC 3261 §18.2.2: where sent-by names no port. */
export const DEFAULT_SIP_PORT = 5060;

/** RFC 3261 §19.1.2 and RFC 7118 §8: where a URI or sent-by names no port. */
export const DEFAULT_PORTS: Readonly<Record<SipProtocol, number>> = {
  udp: DEFAULT_SIP_PORT,
  tcp: DEFAULT_SIP_PORT,
  tls: 5061,
  ws: 80,
  wss: 443,
};

export interface ResponseRoute {
  /** The source of the request: over TCP this finds the connection it came on. */
  readonly address: SipAddress;
  /** TCP, when that connection is gone: the port the client says it listens on. */
  readonly fallback: SipAddress | undefined;
}

/**
 * Where a response goes, from its top Via as the parser stamped it: `received`, else sent-by; `rport` (RFC 3581 §4), else
 * the port of sent-by. `maddr` (RFC 3261 §18.2.2) is not followed: with it any peer could aim our answers at a third
 * party, and multicast SIP does not occur here.
 */
export function routeResponse(topVia: ParsedVia): ResponseRoute {
  const host = topVia.params.get('received') ?? bare(topVia.host);
  const sentByPort = topVia.port ?? DEFAULT_SIP_PORT;
  const rport = parseScalar(topVia.params.get('rport') ?? '', PORT_MAX);
  const address = { host, port: rport === undefined || rport === 0 ? sentByPort : rport };
  const reliable = topVia.transport !== 'UDP';
  return {
    address,
    fallback: reliable && address.port !== sentByPort ? { host, port: sentByPort } : undefined,
  };
}

const bare = (host: string): string => (host.startsWith('[') ? host.slice(1, -1) : host);
