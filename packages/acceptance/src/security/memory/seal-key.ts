import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import {
  SEALED_KEY_INFO,
  SEALED_PLAINTEXT_BYTES,
  type SealedKey,
  type SessionId,
  sealedKeyAad,
} from '@sordino/core';

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});
const KEYPAD = '0123456789*#';
/** As fast as people press: the same key sooner is one press heard twice. */
const PRESS_EVERY_MS = 200;
const info = new TextEncoder().encode(SEALED_KEY_INFO);

/** Key presses as they come from a relay. */
export async function sealKeys(
  publicKey: Uint8Array,
  session: SessionId,
  firstSeq: number,
  keys: string,
): Promise<SealedKey[]> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(Uint8Array.from(publicKey).buffer);
  const seal = async (key: string, index: number): Promise<SealedKey> => {
    const plaintext = new Uint8Array(SEALED_PLAINTEXT_BYTES);
    plaintext[0] = KEYPAD.indexOf(key);
    const seq = firstSeq + index;
    const aad = sealedKeyAad(session, seq);
    const { enc, ct } = await suite.seal(
      { recipientPublicKey, info: info.buffer },
      plaintext.buffer,
      aad.buffer,
    );
    const sealed = { encapsulated: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
    return { session, seq, transport: 'rfc4733', at_ms: seq * PRESS_EVERY_MS, ...sealed };
  };
  return Promise.all([...keys].map(seal));
}
