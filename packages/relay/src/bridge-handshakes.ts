import type { BridgeSide, LocalDtls, PeerDtls, SrtpPair } from '@sordino/interception';
import type { HandshakeLeg, HandshakeThread } from './handshakes/handshake-thread.ts';
import type { RefusalReason } from './handshakes/server-handshake.ts';

/** Where the outcome of a bridge's handshakes goes. */
export interface HandshakeSink {
  /** To the peer of that side. */
  send(side: BridgeSide, datagram: Uint8Array): void;
  connected(side: BridgeSide, keys: SrtpPair): void;
  refused(side: BridgeSide, reason: RefusalReason): void;
}

/** The DTLS of both sides of a bridge: sockets are in its worker, the arithmetic is in the handshake thread. */
export class BridgeHandshakes {
  readonly #legs: Readonly<Record<BridgeSide, HandshakeLeg>>;
  #sink: HandshakeSink | undefined;

  /** Rejects when the thread does not answer. */
  static async open(thread: HandshakeThread): Promise<BridgeHandshakes> {
    let made: BridgeHandshakes | undefined;
    const legOf = (side: BridgeSide): Promise<HandshakeLeg> =>
      thread.open({
        send: (datagram) => made?.#sink?.send(side, datagram),
        connected: (keys) => made?.#sink?.connected(side, keys),
        refused: (reason) => made?.#sink?.refused(side, reason),
      });
    const [customer, clean] = await Promise.all([legOf('customer'), legOf('clean')]);
    made = new BridgeHandshakes({ customer, clean });
    return made;
  }

  private constructor(legs: Readonly<Record<BridgeSide, HandshakeLeg>>) {
    this.#legs = legs;
  }

  /** Who listens. Nothing comes before a peer is set. */
  listen(sink: HandshakeSink): void {
    this.#sink = sink;
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
    this.#sink = undefined;
    for (const leg of Object.values(this.#legs)) leg.close();
  }
}
