import { isIP } from 'node:net';
import type { Scheduler } from '@sordino/core';
import { DEFAULT_PORTS } from '../router/response-route.ts';
import { Retransmissions } from '../router/retransmission.ts';
import type { SipAddress, SipProtocol, SipTransport } from '../router/transport.ts';
import type { EdgeCore } from './edge-core.ts';
import { type NextHop, nextHopOf } from './next-hop.ts';
import type { SipTraceEntry } from './trace.ts';
import { traceText } from './trace.ts';

/** One listening point: its socket and, behind it, its core. */
export class Edge {
  readonly transport: SipTransport;
  /** Via sent-by and host of Contact. */
  readonly sentBy: string;
  /** As `;transport=` in a URI of ours. RFC 7118 §5.4: `ws` stands for WSS too. */
  readonly uriTransport: string;
  /** Of its addresses: a socket of one family reaches nobody of the other. */
  readonly family: 4 | 6;
  /** UDP only: sip.js sends each message once. */
  readonly repetitions: Retransmissions | undefined;
  readonly #called: (host: string) => void;
  readonly #trace: (
    direction: SipTraceEntry['direction'],
    remote: SipAddress,
    message: string | Uint8Array,
  ) => void;
  #core: EdgeCore | undefined;
  #beforeSend: (message: string, remote: SipAddress) => void = () => {};

  constructor(
    transport: SipTransport,
    advertised: { readonly host: string | undefined; readonly port: number | undefined },
    trace: ((message: SipTraceEntry) => void) | undefined,
    scheduler: Scheduler,
    called: (host: string) => void,
  ) {
    this.#called = called;
    this.repetitions = transport.protocol === 'udp' ? new Retransmissions(scheduler) : undefined;
    this.transport = transport;
    const { host, port } = transport.local;
    this.uriTransport = transport.protocol === 'wss' ? 'ws' : transport.protocol;
    this.family = isIP(host) === 6 ? 6 : 4;
    this.sentBy = `${bracketed(advertised.host ?? host)}:${advertised.port ?? port}`;
    this.#trace = (direction, remote, message) =>
      trace?.({
        atMs: scheduler.wallMs(),
        direction,
        flow: { protocol: transport.protocol, local: transport.local, remote },
        text: traceText(message),
      });
  }

  get core(): EdgeCore {
    if (this.#core === undefined) throw new Error('The core of this listening point is not open yet');
    return this.#core;
  }

  attach(core: EdgeCore): void {
    this.#core = core;
  }

  /** `tell` runs before each message of ours leaves. */
  watchSends(tell: (message: string, remote: SipAddress) => void): void {
    this.#beforeSend = tell;
  }

  traceIncoming(remote: SipAddress, text: Uint8Array): void {
    this.#trace('in', remote, text);
  }

  /** A request of ours. Rejects when it cannot be sent; never throws (C10). */
  async send(message: string, remote: SipAddress): Promise<void> {
    const text = tidy(message);
    const sending = this.#once(text, remote);
    // Before the socket reports back: on loopback the answer can be faster than that.
    this.repetitions?.sent(text, () => {
      this.#once(text, remote).catch(() => {
        // The transaction's own timer tells of a peer that cannot be reached.
      });
    });
    await sending;
  }

  /** A request of ours goes to this peer: its answers are to be heard. */
  called(host: string): void {
    this.#called(host);
  }

  /** A response of a transaction. */
  async answer(message: string, remote: SipAddress, fallback: SipAddress | undefined): Promise<void> {
    if (this.repetitions !== undefined) await this.send(message, remote);
    else await this.answerOnce(message, remote, fallback);
  }

  async answerOnce(message: string, remote: SipAddress, fallback: SipAddress | undefined): Promise<void> {
    const text = tidy(message);
    try {
      await this.#once(text, remote);
    } catch (error) {
      if (fallback === undefined) throw error;
      await this.#once(text, fallback);
    }
  }

  async #once(text: string, remote: SipAddress): Promise<void> {
    this.#trace('out', remote, text);
    this.#beforeSend(text, remote);
    await this.transport.send(text, remote);
  }

  /** The same message with the Via of this edge: the next hop speaks another protocol than the dialog began with. */
  withOurVia(message: string): string {
    const protocol = this.transport.protocol.toUpperCase();
    return message.replace(
      /\r\nVia: SIP\/2\.0\/[A-Z]+ [^;\r\n]+/,
      `\r\nVia: SIP/2.0/${protocol} ${this.sentBy}`,
    );
  }
}

/** sip.js writes its empty option tag list into each message. */
const tidy = (message: string): string => message.replace('\r\nSupported: \r\n', '\r\n');

/** RFC 3261 §25.1: an IPv6 address stands in brackets wherever a port could follow. */
export const bracketed = (host: string): string =>
  host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;

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

/** Sends a request of `from` by Route or Request-URI. `transport=` decides the protocol where we listen on it. */
export async function sendRequest(message: string, from: Edge, edges: readonly Edge[]): Promise<void> {
  const hop = nextHopOf(message);
  if (hop === undefined) throw new Error('No next hop can be read from Route or Request-URI');
  const via = chooseEdge(edges, hop, from);
  if (via === undefined) {
    throw new Error(`No listening point for transport=${hop.protocol ?? 'any'} to ${hop.host}`);
  }
  const port = hop.port ?? DEFAULT_PORTS[via.transport.protocol];
  via.called(hop.host);
  await via.send(via === from ? message : via.withOurVia(message), { host: hop.host, port, name: hop.host });
}
