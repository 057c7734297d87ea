import type { SessionId } from './ids.ts';

/**
 * One key press on its way from the relay to the payments process, sealed with HPKE (RFC 9180 base mode,
 * DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM) to the session's public key. Nothing here tells which key it was.
 */
export interface SealedKey {
  readonly session: SessionId;
  /** 0, 1, 2 … in the order the customer pressed them; part of the associated data, so envelopes cannot be reordered. */
  readonly seq: number;
  readonly transport: KeyTransport;
  /** Wall clock of the key's onset, Unix ms. */
  readonly at_ms: number;
  readonly encapsulated: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** How the key reached us: RFC 4733 telephone-event, tone in the audio, or SIP INFO. */
export type KeyTransport = 'rfc4733' | 'inband' | 'info';

/**
 * The sealed plaintext is always this long: byte 0 is the key as an RFC 4733 event code (0-9, 10 `*`, 11 `#`, 12-15 A-D), the rest zero.
 * Why 256: smaller typed arrays live on the garbage-collected heap, are copied by it and cannot be wiped.
 */
export const SEALED_PLAINTEXT_BYTES = 256;

export const SEALED_KEY_INFO = 'sordino key press v1';

/** Associated data of one envelope: session and position, so that an envelope fits one place only. */
export function sealedKeyAad(session: SessionId, seq: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${session}/${seq}`);
}
