import { isIP } from 'node:net';
import type { Scheduler } from '@sordino/core';
import type { ParsedMessage } from '../ingress/parse-result.ts';
import { Retransmissions } from '../router/retransmission.ts';
import type { SipAddress, SipTransport } from '../router/transport.ts';
import { Unanswered } from '../router/unanswered.ts';
import { DialogFlows } from './dialog-flows.ts';
import type { EdgeCore } from './edge-core.ts';
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
  /** TCP and TLS only: requests that a lost connection may have taken with it. */
  readonly #unanswered: Unanswered | undefined;
  readonly #called: (host: string) => void;
  readonly #trace: (
    direction: SipTraceEntry['direction'],
    remote: SipAddress,
    message: string | Uint8Array,
  ) => void;
  /** Over which connection each dialog of this edge was last heard from. */
  readonly heard = new DialogFlows((id) => this.#core?.dialogs.get(id));
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
    if (transport.onLost !== undefined) {
      this.#unanswered = new Unanswered(scheduler);
      transport.onLost((remote) => this.#sendAgain(remote));
    }
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
    this.#unanswered?.sent(text, remote);
    const sending = this.#once(text, remote);
    // Before the socket reports back: on loopback the answer can be faster than that.
    this.repetitions?.sent(text, () => {
      this.#once(text, remote).catch(() => {
        // The transaction's own timer tells of a peer that cannot be reached.
      });
    });
    await sending;
  }

  /** What came in ends the wait for it. */
  received(message: ParsedMessage): void {
    this.repetitions?.received(message);
    this.#unanswered?.received(message);
  }

  #sendAgain(lost: SipAddress): void {
    for (const { text, remote } of this.#unanswered?.takeFor(lost) ?? []) {
      this.#once(text, remote).catch(() => {
        // The transaction's own timer tells of a peer that cannot be reached.
      });
    }
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
