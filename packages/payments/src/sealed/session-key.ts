/**
 * A session's key pair: made at create, used for nothing else, and gone with the session. The private half never leaves memory.
 * Implemented by the process over `node:crypto`.
 */
export interface SessionKey {
  /** 32 bytes, raw X25519. */
  readonly publicKey: Uint8Array;
  /**
   * RFC 9180 §6.1, Open in base mode, of the suite that `SealedKey` names. The plaintext is the caller's to wipe; every secret that leads to
   * it is wiped already. Rejects when the tag does not fit.
   */
  open(encapsulated: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Promise<Uint8Array>;
}
