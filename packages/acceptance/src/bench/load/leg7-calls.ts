import type { Socket } from 'node:dgram';
import { answer, copied, HOST, leg7Answer, line } from './messages.ts';

/** Half the way back of a call: what is repeated after that is a mistake of the system, not a late packet. */
const REMEMBERED_MAX = 20_000;

/** The agent's half of the load: each INVITE rings and is taken, each BYE is answered. */
export class Leg7Calls {
  retransmissions = 0;
  readonly #socket: Socket;
  readonly #sipPort: number;
  readonly #port: number;
  /** By Call-ID: the 200, to be repeated. */
  readonly #calls = new Map<string, string>();
  readonly #over = new Set<string>();
  readonly #onMessage = (octets: Buffer): void => this.#receive(octets.toString('latin1'));

  constructor(socket: Socket, sipPort: number) {
    this.#socket = socket;
    this.#sipPort = sipPort;
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
    if (message.startsWith('ACK ')) return;
    const callId = line(message, 'Call-ID');
    const known = this.#calls.get(callId);
    if (known !== undefined && message.startsWith('INVITE ')) {
      this.retransmissions += 1;
      this.#send(known);
    } else if (message.startsWith('INVITE ')) {
      const request = copied(message);
      this.#send(leg7Answer('180 Ringing', request, this.#port));
      const ok = leg7Answer('200 OK', request, this.#port);
      this.#calls.set(callId, ok);
      this.#send(ok);
    } else if (message.startsWith('BYE ')) {
      if (this.#over.has(callId)) this.retransmissions += 1;
      this.#calls.delete(callId);
      if (this.#over.size >= REMEMBERED_MAX) this.#over.clear();
      this.#over.add(callId);
      this.#send(answer('200 OK', copied(message)));
    }
  }

  #send(message: string): void {
    this.#socket.send(message, this.#sipPort, HOST);
  }
}
