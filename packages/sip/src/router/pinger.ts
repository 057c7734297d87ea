import type { TcpLimits } from './tcp-limits.ts';

type PingLimits = Pick<TcpLimits, 'pingEveryMs' | 'pongMs' | 'idleTimeoutMs'>;

/**
 * Keep-alive of a connection that we dialled (RFC 5626 §4.4.1): finds out that the peer, or a firewall in between, has forgotten
 * it before a call does. A peer that never answered a ping is not one of those that do, and is only kept warm.
 */
export class Pinger {
  readonly #limits: PingLimits;
  readonly #ping: () => void;
  readonly #giveUp: (why: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #waitsForPong = false;
  #answersPings = false;
  /** Since the last message; a connection that nobody uses is not kept open for ever. */
  #pings = 0;

  constructor(limits: PingLimits, ping: () => void, giveUp: (why: string) => void) {
    this.#limits = limits;
    this.#ping = ping;
    this.#giveUp = giveUp;
    this.#rest();
  }

  /** Something came in. True: it is what a ping waited for, or holds it. */
  heard(): boolean {
    const answered = this.#waitsForPong;
    if (answered) this.#answersPings = true;
    this.#waitsForPong = false;
    this.#rest();
    return answered;
  }

  /** A message went out or came in. */
  used(): void {
    this.#pings = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), this.#limits.pingEveryMs).unref();
  }

  #send(): void {
    const { pingEveryMs, pongMs, idleTimeoutMs } = this.#limits;
    if (this.#pings * pingEveryMs > idleTimeoutMs) {
      this.#giveUp('idle for too long');
      return;
    }
    this.#pings++;
    this.#waitsForPong = true;
    this.#ping();
    this.#timer = setTimeout(() => {
      if (this.#answersPings) this.#giveUp('does not answer a ping any more');
      else {
        this.#waitsForPong = false;
        this.#rest();
      }
    }, pongMs).unref();
  }
}
