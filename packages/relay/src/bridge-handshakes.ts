import type { BridgeSide, HandshakeRefusal, LocalDtls, PeerDtls, SrtpPair } from '@sordino/interception';
import type { HandshakeLeg, HandshakeThread } from './handshakes/handshake-thread.ts';

/** Where the outcome of a bridge's handshakes goes. */
export interface HandshakeSink {
  /** To the peer of that side. */
  send(side: BridgeSide, datagram: Uint8Array): void;
  connected(side: BridgeSide, keys: SrtpPair): void;
  refused(side: BridgeSide, reason: HandshakeRefusal): void;
}

interface Listener {
  sink: HandshakeSink | undefined;
}

/** The DTLS of both sides of a bridge: sockets are in its worker, the arithmetic is in the handshake thread. */
export class BridgeHandshakes {
  readonly #legs: Readonly<Record<BridgeSide, HandshakeLeg>>;
  readonly #listener: Listener;

  /** Rejects when the thread does not answer. */
  static async open(thread: HandshakeThread): Promise<BridgeHandshakes> {
    const listener: Listener = { sink: undefined };
    const legOf = (side: BridgeSide): Promise<HandshakeLeg> =>
      thread.open({
        send: (datagram) => listener.sink?.send(side, datagram),
        connected: (keys) => listener.sink?.connected(side, keys),
        refused: (reason) => listener.sink?.refused(side, reason),
      });
    const [customer, clean] = await Promise.all([legOf('customer'), legOf('clean')]);
    return new BridgeHandshakes({ customer, clean }, listener);
  }

  private constructor(legs: Readonly<Record<BridgeSide, HandshakeLeg>>, listener: Listener) {
    this.#legs = legs;
    this.#listener = listener;
  }

  /** Who listens. Nothing comes before a peer is set. */
  listen(sink: HandshakeSink): void {
    this.#listener.sink = sink;
  }

  localOf(side: BridgeSide): LocalDtls {
    return this.#legs[side].local;
  }

  setPeer(side: BridgeSide, { fingerprints }: PeerDtls): void {
    this.#legs[side].setPeer(fingerprints);
  }

  arrived(side: BridgeSide, datagram: Uint8Array): void {
    this.#legs[side].arrived(datagram);
  }

  close(): void {
    this.#listener.sink = undefined;
    for (const leg of Object.values(this.#legs)) leg.close();
  }
}
