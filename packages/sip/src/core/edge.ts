import type { Scheduler } from '@sordino/core';
import type { SipAddress } from '../router/response-route.ts';
import { Retransmissions } from '../router/retransmission.ts';
import type { SipTransport } from '../router/transport.ts';
import type { EdgeCore } from './edge-core.ts';
import { nextHopOf } from './next-hop.ts';
import type { SipTraceEntry } from './trace.ts';
import { traceText } from './trace.ts';

/** One listening point: its socket and, behind it, its core. */
export class Edge {
  readonly transport: SipTransport;
  /** Via sent-by and host of Contact. */
  readonly sentBy: string;
  /** UDP only: sip.js sends each message once. */
  readonly repetitions: Retransmissions | undefined;
  readonly #trace: (
    direction: SipTraceEntry['direction'],
    remote: SipAddress,
    message: string | Uint8Array,
  ) => void;
  #core: EdgeCore | undefined;

  constructor(
    transport: SipTransport,
    advertisedHost: string | undefined,
    trace: ((message: SipTraceEntry) => void) | undefined,
    scheduler: Scheduler,
  ) {
    this.repetitions = transport.protocol === 'udp' ? new Retransmissions(scheduler) : undefined;
    this.transport = transport;
    const { host, port } = transport.local;
    const name = advertisedHost ?? host;
    this.sentBy = `${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
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

/** Sends a request of `from` by Route or Request-URI. `transport=` decides the protocol where we listen on it. */
export async function sendRequest(message: string, from: Edge, edges: readonly Edge[]): Promise<void> {
  const hop = nextHopOf(message);
  if (hop === undefined) throw new Error('No next hop can be read from Route or Request-URI');
  const wanted = hop.protocol ?? from.transport.protocol;
  const via =
    wanted === from.transport.protocol ? from : edges.find((edge) => edge.transport.protocol === wanted);
  if (via === undefined) throw new Error(`No listening point for transport=${wanted}`);
  await via.send(via === from ? message : via.withOurVia(message), hop);
}
