import { isIP } from 'node:net';
import { DEFAULT_PORTS } from '../router/response-route.ts';
import type { SipProtocol } from '../router/transport.ts';
import { dialogIdOf, type HeardOver } from './dialog-flows.ts';
import type { Edge } from './edge.ts';
import { type NextHop, nextHopOf } from './next-hop.ts';

/** Whether an edge of `protocol` takes what a URI with `transport=wanted` asks for; RFC 7118 §5.4 writes `ws` for WSS too. */
const speaks = (protocol: SipProtocol, wanted: SipProtocol): boolean =>
  protocol === wanted || (wanted === 'ws' && protocol === 'wss');

/**
 * The listening point that a request to `hop` leaves by: that of `from` where it fits, else the first of the protocol and
 * family. A URI that names no protocol is UDP (RFC 3263 §4.1), or what we have.
 */
export function chooseEdge(edges: readonly Edge[], hop: NextHop, from?: Edge): Edge | undefined {
  const family = isIP(hop.host) === 6 ? 6 : 4;
  const named = isIP(hop.host) === 0;
  const reaches = (edge: Edge, protocol: SipProtocol | undefined): boolean =>
    (named || edge.family === family) &&
    (protocol === undefined || speaks(edge.transport.protocol, protocol));
  if (from !== undefined && reaches(from, hop.protocol)) return from;
  const wanted = hop.protocol ?? from?.transport.protocol ?? 'udp';
  return (
    edges.find((edge) => reaches(edge, wanted)) ??
    (hop.protocol === undefined ? edges.find((edge) => reaches(edge, undefined)) : undefined)
  );
}

/**
 * Sends a request of `from` by Route or Request-URI. `transport=` decides the protocol where we listen on it. In a dialog over
 * a stream, the connection that the peer last spoke on is the way out where its address leads nowhere: a WebSocket client has
 * none (RFC 7118 §5), and one behind a NAT tells its private one.
 */
export async function sendRequest(message: string, from: Edge, edges: readonly Edge[]): Promise<void> {
  const hop = nextHopOf(message);
  if (hop === undefined) throw new Error('No next hop can be read from Route or Request-URI');
  // Looked up before anything is awaited: with its BYE a dialog is forgotten.
  const known = from.heard.any ? from.heard.of(dialogIdOf(message)) : undefined;
  if (known !== undefined && isUnreachable(hop)) return sendOver(known, message, from);
  try {
    await sendTo(hop, message, from, edges);
  } catch (error) {
    if (known?.edge.transport.isConnected?.(known.remote) !== true) throw error;
    await sendOver(known, message, from);
  }
}

/** RFC 7118 §5.2.2: `.invalid` (RFC 2606) says that nobody listens. */
const isUnreachable = ({ host, protocol }: NextHop): boolean =>
  host.endsWith('.invalid') || protocol === 'ws' || protocol === 'wss';

async function sendTo(hop: NextHop, message: string, from: Edge, edges: readonly Edge[]): Promise<void> {
  const via = chooseEdge(edges, hop, from);
  if (via === undefined) {
    throw new Error(`No listening point for transport=${hop.protocol ?? 'any'} to ${hop.host}`);
  }
  const port = hop.port ?? DEFAULT_PORTS[via.transport.protocol];
  via.called(hop.host);
  await via.send(via === from ? message : via.withOurVia(message), { host: hop.host, port, name: hop.host });
}

const sendOver = ({ edge, remote }: HeardOver, message: string, from: Edge): Promise<void> =>
  edge.send(edge === from ? message : edge.withOurVia(message), remote);
