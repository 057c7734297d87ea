import { isIP } from 'node:net';
import type { Log, Scheduler } from '@sordino/core';
import type { Locator, Place } from '../router/dns/locate.ts';
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

/** RFC 3261 §18.1.1, octets: a request above it may not fit the path, and UDP loses it in silence. */
const UDP_REQUEST_BYTES_MAX = 1_300;
/** For a TCP connection that only the size of a request asks for, ms: UDP is still there, and the caller waits. */
const SWITCH_TO_TCP_MS = 1_000;
/** How long a peer that took no TCP is not asked again, ms. */
const NO_TCP_MS = 600_000;
/** Peers remembered for that. */
const NO_TCP_MAX = 1_000;

/** Sends requests of ours: finds the address (RFC 3263), the listening point, and another way where the first leads nowhere. */
export class Sender {
  readonly #edges: readonly Edge[];
  readonly #locator: Locator;
  readonly #scheduler: Scheduler;
  readonly #log: Log;
  readonly #lookupMs: number;
  /** Until when, by address. */
  readonly #noTcp = new Map<string, number>();

  /** `lookupMs`: for one name, whatever has to be asked. */
  constructor(
    edges: readonly Edge[],
    locator: Locator,
    {
      scheduler,
      log,
      lookupMs,
    }: { readonly scheduler: Scheduler; readonly log: Log; readonly lookupMs: number },
  ) {
    this.#edges = edges;
    this.#locator = locator;
    this.#scheduler = scheduler;
    this.#log = log;
    this.#lookupMs = lookupMs;
  }

  /**
   * Sends a request of `from` by Route or Request-URI. In a dialog over a stream, the connection that the peer last spoke on is
   * the way out where its address leads nowhere: a WebSocket client has none (RFC 7118 §5), and one behind a NAT tells its
   * private one. Rejects when no address takes it.
   */
  async send(message: string, from: Edge): Promise<void> {
    const hop = nextHopOf(message);
    if (hop === undefined) throw new Error('No next hop can be read from Route or Request-URI');
    // Looked up before anything is awaited: with its BYE a dialog is forgotten.
    const known = from.heard.any ? from.heard.of(dialogIdOf(message)) : undefined;
    if (known !== undefined && isUnreachable(hop)) return sendOver(known, message, from);
    try {
      const placed = this.locate(hop, from);
      await this.#toFirst(placed instanceof Promise ? await placed : placed, message, from, hop);
    } catch (error) {
      if (known?.edge.transport.isConnected?.(known.remote) !== true) throw error;
      await sendOver(known, message, from);
    }
  }

  /** Where `hop` leads, the best address first. At once for an address, so that no call waits for a turn of the event loop. */
  locate(hop: NextHop, from: Edge | undefined): Place[] | Promise<Place[]> {
    if (isIP(hop.host) !== 0) {
      const protocol = chooseEdge(this.#edges, hop, from)?.transport.protocol;
      if (protocol === undefined) {
        throw new Error(`No listening point for transport=${hop.protocol ?? 'any'} to ${hop.host}`);
      }
      return [{ protocol, host: hop.host, port: hop.port ?? DEFAULT_PORTS[protocol], name: hop.host }];
    }
    const outlets = this.#edges.map(({ transport: { protocol }, family }) => ({ protocol, family }));
    const byDefault = chooseEdge(this.#edges, hop, from)?.transport.protocol ?? 'udp';
    return this.#inTime(hop.host, this.#locator.locate(hop, outlets, byDefault));
  }

  /** Sends to this one address. */
  async sendTo(place: Place, message: string, from: Edge): Promise<void> {
    const via = chooseEdge(this.#edges, place, from);
    if (via === undefined) throw new Error(`No listening point for ${place.protocol} to ${place.host}`);
    via.called(place.host);
    try {
      await via.send(via === from ? message : via.withOurVia(message), place);
    } catch (error) {
      // The transaction learns that it failed, and not why: a certificate that proves another name is told nowhere else.
      const { protocol, host, port, name } = place;
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warn('SIP request could not be sent', { to: `${protocol}:${host}:${port}`, name, reason });
      throw error;
    }
  }

  async #toFirst(places: readonly Place[], message: string, from: Edge, hop: NextHop): Promise<void> {
    let last: unknown;
    for (const place of places) {
      try {
        // Only then: to wait for anything would let an answer that is sent after this request overtake it.
        if (this.#isForTcp(place, message, hop) && (await this.#sentByTcp(place, message, from))) return;
        return await this.sendTo(place, message, from);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  /** RFC 3261 §18.1.1: what is too long for UDP goes by TCP, unless the URI wants UDP or the peer takes no TCP. */
  #isForTcp(place: Place, message: string, hop: NextHop): boolean {
    // Where SRV gave the port, TCP has another.
    const portIsKnown = hop.port !== undefined || isIP(hop.host) !== 0;
    if (place.protocol !== 'udp' || hop.protocol !== undefined || !portIsKnown) return false;
    return Buffer.byteLength(message) > UDP_REQUEST_BYTES_MAX;
  }

  async #sentByTcp(place: Place, message: string, from: Edge): Promise<boolean> {
    const overTcp: Place = { ...place, protocol: 'tcp' };
    const key = `${place.host}|${place.port}`;
    const tcpIsOpen = chooseEdge(this.#edges, overTcp) !== undefined;
    if (!tcpIsOpen || (this.#noTcp.get(key) ?? 0) > this.#scheduler.monotonicMs()) return false;
    // Should TCP come up later after all, the peer knows the second copy by its branch.
    if (await this.#within(SWITCH_TO_TCP_MS, this.sendTo(overTcp, message, from))) return true;
    this.#noTcp.delete(key);
    this.#noTcp.set(key, this.#scheduler.monotonicMs() + NO_TCP_MS);
    for (const oldest of this.#noTcp.keys()) {
      if (this.#noTcp.size <= NO_TCP_MAX) break;
      this.#noTcp.delete(oldest);
    }
    return false;
  }

  #within(limitMs: number, sending: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#scheduler.after(limitMs, () => resolve(false));
      sending.then(
        () => {
          cancel();
          resolve(true);
        },
        () => {
          cancel();
          resolve(false);
        },
      );
    });
  }

  #inTime(name: string, located: Promise<Place[]>): Promise<Place[]> {
    return new Promise((resolve, reject) => {
      const cancel = this.#scheduler.after(this.#lookupMs, () =>
        reject(new Error(`${name} cannot be reached: the DNS gave no answer within ${this.#lookupMs} ms`)),
      );
      located.then(resolve, reject).finally(cancel);
    });
  }
}

/** RFC 7118 §5.2.2: `.invalid` (RFC 2606) says that nobody listens. */
const isUnreachable = ({ host, protocol }: NextHop): boolean =>
  host.endsWith('.invalid') || protocol === 'ws' || protocol === 'wss';

const sendOver = ({ edge, remote }: HeardOver, message: string, from: Edge): Promise<void> =>
  edge.send(edge === from ? message : edge.withOurVia(message), remote);
