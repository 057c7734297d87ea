import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { SEALED_KEY_INFO } from '@sordino/core';
import type { SessionKey } from '../sealed/session-key.ts';

/** RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. As `SealedKey` in core says. */
export const hpke = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Opened by the library that seals. */
export async function makeSessionKey(): Promise<SessionKey> {
  const { publicKey, privateKey } = await hpke.kem.generateKeyPair();
  const info = new TextEncoder().encode(SEALED_KEY_INFO);
  return {
    publicKey: new Uint8Array(await hpke.kem.serializePublicKey(publicKey)),
    open: async (enc, ciphertext, aad) =>
      new Uint8Array(await hpke.open({ recipientKey: privateKey, enc, info }, ciphertext, aad)),
  };
}
