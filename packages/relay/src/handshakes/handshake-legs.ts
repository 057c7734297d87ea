import { DtlsPeer } from './dtls-peer.ts';
import { createIdentity, type DtlsIdentity } from './identity.ts';
import type { FromHandshakes, LegNumber, ToHandshakes } from './protocol.ts';

interface Leg {
  readonly identity: DtlsIdentity;
  peer: DtlsPeer | undefined;
}

/** All legs of the handshake thread. */
export class HandshakeLegs {
  readonly #send: (message: FromHandshakes) => void;
  readonly #legs = new Map<LegNumber, Leg>();

  constructor(send: (message: FromHandshakes) => void) {
    this.#send = send;
  }

  async handle(message: ToHandshakes): Promise<void> {
    if (message.type === 'open') {
      await this.#open(message.leg);
      return;
    }
    const leg = this.#legs.get(message.leg);
    if (leg === undefined) return;
    if (message.type === 'set_peer') this.#setPeer(leg, message);
    // Before we know who may come there is nobody: a client repeats its hello.
    else if (message.type === 'arrived') leg.peer?.receive(Buffer.from(message.datagram));
    else {
      leg.peer?.wipe();
      this.#legs.delete(message.leg);
    }
  }

  async #open(number: LegNumber): Promise<void> {
    const identity = await createIdentity();
    this.#legs.set(number, { identity, peer: undefined });
    const { fingerprint, ice } = identity;
    this.#send({ type: 'opened', leg: number, local: { fingerprint, ice } });
  }

  #setPeer(of: Leg, { leg, association, fingerprints }: Extract<ToHandshakes, { type: 'set_peer' }>): void {
    of.peer?.wipe();
    const about = { leg, association };
    of.peer = new DtlsPeer({
      identity: of.identity,
      fingerprints,
      send: (datagram) => this.#send({ type: 'send', ...about, datagram: Uint8Array.from(datagram) }),
      connected: (keys) => this.#send({ type: 'connected', ...about, keys }),
      refused: (reason) => this.#send({ type: 'refused', ...about, reason }),
    });
  }
}
