import type { Fingerprint, HandshakeRefusal, LocalDtls, SrtpPair } from '@sordino/interception';

/** Number of a leg's DTLS: given by the main thread, never used twice in the life of a thread. */
export type LegNumber = number;

/** Keys of one peer must not become those of the next, whose description overtook them on their way. */
interface About {
  readonly leg: LegNumber;
  readonly association: number;
}

/** What the main thread tells the handshake thread. Messages are handled in their order. */
export type ToHandshakes =
  /** Makes the leg's certificate and ICE credentials. Answer: `opened`. */
  | { readonly type: 'open'; readonly leg: LegNumber }
  /** Who may connect: the association before, if there was one, is over. */
  | ({ readonly type: 'set_peer'; readonly fingerprints: readonly Fingerprint[] } & About)
  /** A DTLS datagram from the peer's address. */
  | { readonly type: 'arrived'; readonly leg: LegNumber; readonly datagram: Uint8Array }
  /** Forgets the leg and wipes its secrets. */
  | { readonly type: 'close'; readonly leg: LegNumber };

export type FromHandshakes =
  /** First message of every thread. */
  | { readonly type: 'ready' }
  | { readonly type: 'opened'; readonly leg: LegNumber; readonly local: LocalDtls }
  | ({ readonly type: 'send'; readonly datagram: Uint8Array } & About)
  | ({ readonly type: 'connected'; readonly keys: SrtpPair } & About)
  | ({ readonly type: 'refused'; readonly reason: HandshakeRefusal } & About)
  /** Something threw where nobody waited: for the log. */
  | { readonly type: 'trouble'; readonly message: string };
