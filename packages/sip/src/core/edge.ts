import type { SipTransport } from '../router/transport.ts';
import type { EdgeCore } from './edge-core.ts';
import { nextHopOf } from './next-hop.ts';
import type { SipTraceEntry } from './trace.ts';
import { traceText } from './trace.ts';

export interface Remote {
  readonly host: string;
  readonly port: number;
}

/** One listening point: its socket and, behind it, its core. */
export class Edge {
  readonly transport: SipTransport;
  /** Via sent-by and host of Contact. */
  readonly sentBy: string;
  readonly #trace: (
    direction: SipTraceEntry['direction'],
    remote: Remote,
    message: string | Uint8Array,
  ) => void;
  #core: EdgeCore | undefined;

  constructor(
    transport: SipTransport,
    advertisedHost: string | undefined,
    trace: ((message: SipTraceEntry) => void) | undefined,
    wallMs: () => number,
  ) {
    this.transport = transport;
    const { host, port } = transport.local;
    const name = advertisedHost ?? host;
    this.sentBy = `${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
    this.#trace = (direction, remote, message) =>
      trace?.({
        atMs: wallMs(),
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

  traceIncoming(remote: Remote, text: Uint8Array): void {
    this.#trace('in', remote, text);
  }

  /** Rejects when it cannot be sent; never throws (C10). */
  async send(message: string, remote: Remote): Promise<void> {
    // sip.js writes its empty option tag list into each message.
    const text = message.replace('\r\nSupported: \r\n', '\r\n');
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
