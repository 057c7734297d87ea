import type { Fingerprint } from '@sordino/interception';
import { DtlsPeer } from './dtls-peer.ts';
import { createIdentity, type DtlsIdentity } from './identity.ts';
import type { FromHandshakes, LegNumber, ToHandshakes } from './protocol.ts';

interface Leg {
  readonly identity: DtlsIdentity;
  fingerprints: readonly Fingerprint[];
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
    if (message.type === 'set_peer') this.#setPeer(message.leg, leg, message.fingerprints);
    // Before we know who may come there is nobody: a client repeats its hello.
    else if (message.type === 'arrived') leg.peer?.receive(Buffer.from(message.datagram));
    else {
      leg.peer?.wipe();
      this.#legs.delete(message.leg);
    }
  }

  async #open(number: LegNumber): Promise<void> {
    const identity = await createIdentity();
    this.#legs.set(number, { identity, fingerprints: [], peer: undefined });
    const { fingerprint, ice } = identity;
    this.#send({ type: 'opened', leg: number, local: { fingerprint, ice } });
  }

  #setPeer(number: LegNumber, leg: Leg, fingerprints: readonly Fingerprint[]): void {
    if (leg.peer !== undefined && isSame(leg.fingerprints, fingerprints)) return;
    leg.peer?.wipe();
    leg.fingerprints = fingerprints;
    leg.peer = new DtlsPeer({
      identity: leg.identity,
      fingerprints,
      send: (datagram) => this.#send({ type: 'send', leg: number, datagram: Uint8Array.from(datagram) }),
      connected: (keys) => this.#send({ type: 'connected', leg: number, keys }),
      refused: (reason) => this.#send({ type: 'refused', leg: number, reason }),
    });
  }
}

function isSame(one: readonly Fingerprint[], other: readonly Fingerprint[]): boolean {
  const text = (all: readonly Fingerprint[]): string =>
    all
      .map(({ algorithm, digest }) => `${algorithm} ${digest.toUpperCase()}`)
      .sort()
      .join();
  return text(one) === text(other);
}
