import type { Fingerprint, LocalDtls, SrtpPair } from '@sordino/interception';
import type { RefusalReason } from './server-handshake.ts';

/** Number of a leg's DTLS: given by the main thread, never used twice in the life of a thread. */
export type LegNumber = number;

/** What the main thread tells the handshake thread. Messages are handled in their order. */
export type ToHandshakes =
  /** Makes the leg's certificate and ICE credentials. Answer: `opened`. */
  | { readonly type: 'open'; readonly leg: LegNumber }
  /** Who may connect. Other fingerprints than before: the association is over, another is awaited (RFC 8842 §3.1). */
  | { readonly type: 'set_peer'; readonly leg: LegNumber; readonly fingerprints: readonly Fingerprint[] }
  /** A DTLS datagram from the peer's address. */
  | { readonly type: 'arrived'; readonly leg: LegNumber; readonly datagram: Uint8Array }
  /** Forgets the leg and wipes its secrets. */
  | { readonly type: 'close'; readonly leg: LegNumber };

export type FromHandshakes =
  /** First message of every thread. */
  | { readonly type: 'ready' }
  | { readonly type: 'opened'; readonly leg: LegNumber; readonly local: LocalDtls }
  | { readonly type: 'send'; readonly leg: LegNumber; readonly datagram: Uint8Array }
  | { readonly type: 'connected'; readonly leg: LegNumber; readonly keys: SrtpPair }
  | { readonly type: 'refused'; readonly leg: LegNumber; readonly reason: RefusalReason }
  /** Something threw where nobody waited: for the log. */
  | { readonly type: 'trouble'; readonly message: string };
