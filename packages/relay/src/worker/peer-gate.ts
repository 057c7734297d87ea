/** A socket address with a literal, canonical IP. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
}

export interface HeldDatagram {
  readonly bytes: Uint8Array;
  readonly arrivedMs: number;
}

/**
 * 160 ms at 20 ms a packet: what arrives between the customer's answer to the re-INVITE and the ACK that brings us the
 * address. More would only add delay: these packets leave in one burst.
 */
const HELD_PACKETS_MAX = 8;

/** A source that holds the buffer and is silent this long gives it up, so that one stray packet cannot block it. */
const HOLDER_SILENT_MS = 200;

/**
 * Who may speak on a socket: exactly the signalled peer, address and port. There is no latching on the first source,
 * which lets any stranger steal a leg ("RTP bleed"). Before the peer is known a few packets of one source wait here;
 * they count only if that source turns out to be the peer.
 */
export class PeerGate {
  #peer: PeerAddress | undefined;
  #holder: PeerAddress | undefined;
  #held: HeldDatagram[] = [];
  #foreign = 0;

  /** Datagrams refused because of where they came from. */
  get foreign(): number {
    return this.#foreign;
  }

  /** True: it is from the signalled peer. Otherwise it was held (a copy) or counted as foreign. */
  admit(datagram: Uint8Array, from: PeerAddress, nowMs: number): boolean {
    if (this.#peer !== undefined) {
      if (isSame(this.#peer, from)) return true;
      this.#foreign += 1;
      return false;
    }
    this.#hold(datagram, from, nowMs);
    return false;
  }

  /** Returns what this peer sent before it was known, oldest first; the caller wipes it. From now on only this peer is heard. */
  setPeer(peer: PeerAddress): readonly HeldDatagram[] {
    this.#peer = peer;
    const held = this.#held;
    const isHolder = this.#holder !== undefined && isSame(this.#holder, peer);
    this.#held = [];
    this.#holder = undefined;
    if (isHolder) return held;
    this.#refuse(held);
    return [];
  }

  wipe(): void {
    this.#refuse(this.#held);
    this.#held = [];
  }

  #hold(datagram: Uint8Array, from: PeerAddress, nowMs: number): void {
    const last = this.#held.at(-1);
    if (this.#holder !== undefined && !isSame(this.#holder, from)) {
      if (last !== undefined && nowMs - last.arrivedMs < HOLDER_SILENT_MS) {
        this.#foreign += 1;
        return;
      }
      this.wipe();
    }
    this.#holder = from;
    // The newest matter: the listener joins the conversation where it is now.
    if (this.#held.length >= HELD_PACKETS_MAX) this.#held.shift()?.bytes.fill(0);
    this.#held.push({ bytes: Uint8Array.from(datagram), arrivedMs: nowMs });
  }

  #refuse(held: readonly HeldDatagram[]): void {
    this.#foreign += held.length;
    for (const { bytes } of held) bytes.fill(0);
  }
}

export function isSame(one: PeerAddress, other: PeerAddress): boolean {
  return one === other || (one.port === other.port && one.host === other.host);
}
