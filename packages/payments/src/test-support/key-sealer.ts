import {
  type KeyTransport,
  SEALED_KEY_INFO,
  SEALED_PLAINTEXT_BYTES,
  type SealedKey,
  type SessionId,
  sealedKeyAad,
} from '@sordino/core';
import { hpke } from './session-key.ts';

/** Nobody's finger is much faster. */
const PRESS_EVERY_MS = 200;

/** Seals one key press as the relay does: real HPKE, a fresh encapsulation each time. */
export async function sealKey(
  publicKey: Uint8Array,
  session: SessionId,
  seq: number,
  key: number,
  transport: KeyTransport = 'rfc4733',
  atMs = seq * PRESS_EVERY_MS,
): Promise<SealedKey> {
  const plaintext = new Uint8Array(SEALED_PLAINTEXT_BYTES);
  plaintext[0] = key;
  return sealBytes(publicKey, session, seq, plaintext, transport, atMs);
}

export async function sealBytes(
  publicKey: Uint8Array,
  session: SessionId,
  seq: number,
  plaintext: Uint8Array,
  transport: KeyTransport = 'rfc4733',
  atMs = seq * PRESS_EVERY_MS,
): Promise<SealedKey> {
  const recipientPublicKey = await hpke.kem.deserializePublicKey(publicKey);
  const { enc, ct } = await hpke.seal(
    { recipientPublicKey, info: new TextEncoder().encode(SEALED_KEY_INFO) },
    plaintext,
    sealedKeyAad(session, seq),
  );
  return {
    session,
    seq,
    transport,
    at_ms: atMs,
    encapsulated: new Uint8Array(enc),
    ciphertext: new Uint8Array(ct),
  };
}
