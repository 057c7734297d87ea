import type { Socket } from 'node:dgram';
import type { MannerOf } from './manners.ts';
import {
  answer,
  CORRELATION_HEADER,
  type Copied,
  copied,
  HOST,
  leg7Answer,
  leg7Bye,
  line,
} from './messages.ts';

/** Calls that are over and remembered: their messages come again only by mistake. */
const REMEMBERED_MAX = 20_000;
/** The call model gives up after 2 s. */
const UNANSWERED_MS = 5_000;
/** From 200 to the agent's BYE. */
const AGENT_STAYS_MS = 100;

interface Call {
  readonly request: Copied;
  /** To be repeated when the INVITE is; undefined: nothing is said. */
  readonly final: string | undefined;
}

/** The agent's half of the load: each INVITE rings and is taken, each BYE is answered, unless the call's manner is another. */
export class Leg7Calls {
  retransmissions = 0;
  readonly #socket: Socket;
  readonly #sipPort: number;
  readonly #port: number;
  readonly #mannerOf: MannerOf;
  /** By Call-ID. */
  readonly #calls = new Map<string, Call>();
  readonly #over = new Set<string>();
  readonly #onMessage = (octets: Buffer): void => this.#receive(octets.toString('latin1'));

  constructor(socket: Socket, sipPort: number, mannerOf: MannerOf) {
    this.#socket = socket;
    this.#sipPort = sipPort;
    this.#mannerOf = mannerOf;
    this.#port = socket.address().port;
    socket.on('message', this.#onMessage);
  }

  get open(): number {
    return this.#calls.size;
  }

  close(): void {
    this.#socket.off('message', this.#onMessage);
  }

  #receive(message: string): void {
    const callId = line(message, 'Call-ID');
    const known = this.#calls.get(callId);
    if (message.startsWith('INVITE ')) {
      if (known === undefined) this.#invited(callId, message);
      else if (known.final !== undefined) {
        this.retransmissions += 1;
        this.#send(known.final);
      }
    } else if (message.startsWith('BYE ')) {
      if (this.#over.has(callId)) this.retransmissions += 1;
      this.#forget(callId);
      this.#send(answer('200 OK', copied(message)));
    } else if (message.startsWith('CANCEL ')) {
      this.#send(answer('200 OK', copied(message)));
      if (known !== undefined) this.#send(leg7Answer('487 Request Terminated', known.request, this.#port));
      this.#forget(callId);
    }
  }

  #invited(callId: string, message: string): void {
    const request = copied(message);
    const manner = this.#mannerOf(Number(line(message, CORRELATION_HEADER)));
    if (manner === 'unanswered') {
      this.#calls.set(callId, { request, final: undefined });
      // RFC 3261 §9.1: what was never answered is never canceled either.
      setTimeout(() => this.#forget(callId), UNANSWERED_MS).unref();
      return;
    }
    this.#send(leg7Answer('180 Ringing', request, this.#port));
    if (manner === 'refused') {
      this.#send(leg7Answer('486 Busy Here', request, this.#port));
      return;
    }
    if (manner === 'canceled') {
      this.#calls.set(callId, { request, final: undefined });
      return;
    }
    const final = leg7Answer('200 OK', request, this.#port);
    this.#calls.set(callId, { request, final });
    this.#send(final);
    if (manner !== 'agent_leaves') return;
    const target = line(message, 'Contact').replace(/^<|>.*$/g, '');
    setTimeout(() => {
      this.#send(leg7Bye(request, target, this.#port));
      this.#forget(callId);
    }, AGENT_STAYS_MS).unref();
  }

  #forget(callId: string): void {
    this.#calls.delete(callId);
    if (this.#over.size >= REMEMBERED_MAX) this.#over.clear();
    this.#over.add(callId);
  }

  #send(message: string): void {
    this.#socket.send(message, this.#sipPort, HOST);
  }
}
