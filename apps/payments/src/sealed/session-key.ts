import {
  createDecipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { SEALED_KEY_INFO } from '@sordino/core';
import type { SessionKey } from '@sordino/payments';

/*
 * RFC 9180 in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM: the opening half. Each step is one call of OpenSSL on
 * this thread; Web Crypto makes every one a job of the thread pool, which costs ten times the arithmetic (docs/decisions/0035).
 */
const HASH_BYTES = 32;
const AES_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NOTHING = Buffer.alloc(0);

/** §4.1, §5.1: part of every derivation, so that no secret serves two suites. */
const KEM_SUITE = Buffer.from('KEM\x00\x20');
const HPKE_SUITE = Buffer.from('HPKE\x00\x20\x00\x01\x00\x02');

/** §4: what LabeledExtract extracts from. */
const labeledIkm = (suite: Buffer, label: string, ikm: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), ikm]);

/** §4: what LabeledExpand expands with. */
const labeledInfo = (suite: Buffer, label: string, info: Uint8Array, byteCount: number): Buffer =>
  Buffer.concat([Buffer.of(0, byteCount), Buffer.from('HPKE-v1'), suite, Buffer.from(label), info]);

/** §5.1, key_schedule_context: mode_base, and no pre-shared key. */
const hashOf = (label: string, value: Uint8Array): Buffer =>
  createHmac('sha256', NOTHING)
    .update(labeledIkm(HPKE_SUITE, label, value))
    .digest();
const CONTEXT = Buffer.concat([
  Buffer.of(0),
  hashOf('psk_id_hash', NOTHING),
  hashOf('info_hash', Buffer.from(SEALED_KEY_INFO)),
]);
const SECRET_IKM = labeledIkm(HPKE_SUITE, 'secret', NOTHING);
const KEY_INFO = labeledInfo(HPKE_SUITE, 'key', CONTEXT, AES_KEY_BYTES);
const NONCE_INFO = labeledInfo(HPKE_SUITE, 'base_nonce', CONTEXT, NONCE_BYTES);

const jwkOf = (publicKey: Uint8Array) => {
  const x = Buffer.from(publicKey).toString('base64url');
  return { kty: 'OKP', crv: 'X25519', x };
};

/** A key pair that opens envelopes for as long as somebody holds it. */
export async function makeSessionKey(): Promise<SessionKey> {
  const pair = generateKeyPairSync('x25519');
  // A copy of its own: a Buffer this small is a view of a pool, and a message to the relay would take the whole pool along.
  const publicKey = new Uint8Array(
    Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
  );
  return {
    publicKey,
    open: async (encapsulated, ciphertext, aad) => {
      const shared = decapsulate(pair.privateKey, publicKey, encapsulated);
      const key = derive(SECRET_IKM, shared, KEY_INFO, AES_KEY_BYTES);
      // §5.2: of the first message, and there is no second one, the base nonce is the nonce.
      const nonce = derive(SECRET_IKM, shared, NONCE_INFO, NONCE_BYTES);
      try {
        return decrypt(key, nonce, ciphertext, aad);
      } finally {
        for (const secret of [shared, key, nonce]) secret.fill(0);
      }
    },
  };
}

/** §4.1, Decap. OpenSSL refuses a point that gives the all-zero secret, as §7.1.4 wants. */
function decapsulate(privateKey: KeyObject, publicKey: Uint8Array, encapsulated: Uint8Array): Uint8Array {
  const theirs = createPublicKey({ key: jwkOf(encapsulated), format: 'jwk' });
  const dh = diffieHellman({ privateKey, publicKey: theirs });
  const ikm = labeledIkm(KEM_SUITE, 'eae_prk', dh);
  const kemContext = Buffer.concat([encapsulated, publicKey]);
  const shared = derive(
    ikm,
    NOTHING,
    labeledInfo(KEM_SUITE, 'shared_secret', kemContext, HASH_BYTES),
    HASH_BYTES,
  );
  for (const secret of [dh, ikm]) secret.fill(0);
  return shared;
}

/** Extract and expand in one. */
const derive = (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, byteCount: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', ikm, salt, info, byteCount));

function decrypt(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: Uint8Array): Uint8Array {
  const tagAt = ciphertext.length - TAG_BYTES;
  // With the length named, a shorter tag is refused: it would be easier to guess.
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(aad).setAuthTag(ciphertext.subarray(tagAt));
  const plaintext = decipher.update(ciphertext.subarray(0, tagAt));
  try {
    decipher.final();
    return plaintext;
  } catch (error) {
    plaintext.fill(0);
    throw error;
  }
}
