import * as nodeCrypto from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SEALED_KEY_INFO, SEALED_PLAINTEXT_BYTES } from '@sordino/core';

/** All that OpenSSL gave out: the secrets on the way to a plaintext, and plaintexts. */
let givenOut: Uint8Array[] = [];
function kept<Value extends ArrayBuffer | Uint8Array>(value: Value): Value {
  givenOut.push(value instanceof Uint8Array ? value : new Uint8Array(value));
  return value;
}

jest.unstable_mockModule('node:crypto', () => ({
  ...nodeCrypto,
  diffieHellman: (...args: Parameters<typeof nodeCrypto.diffieHellman>) =>
    kept(nodeCrypto.diffieHellman(...args)),
  hkdfSync: (...args: Parameters<typeof nodeCrypto.hkdfSync>) => kept(nodeCrypto.hkdfSync(...args)),
  createDecipheriv: (...args: Parameters<typeof nodeCrypto.createDecipheriv>) => {
    const decipher = nodeCrypto.createDecipheriv(...args);
    const update = decipher.update.bind(decipher) as (bytes: Uint8Array) => Buffer;
    return Object.assign(decipher, { update: (bytes: Uint8Array) => kept(update(bytes)) });
  },
}));
const { makeSessionKey } = await import('./session-key.ts');

/** The relay's own library: whatever that seals has to be opened here. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const AAD = bytes('ses_a/7');

async function sealed(publicKey: Uint8Array, plaintext: Uint8Array, info = SEALED_KEY_INFO) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const { enc, ct } = await suite.seal(
    { recipientPublicKey, info: bytes(info) },
    Uint8Array.from(plaintext),
    AAD,
  );
  return { enc: new Uint8Array(enc), ct: new Uint8Array(ct) };
}

const aPlaintext = (): Uint8Array => new Uint8Array(nodeCrypto.randomBytes(SEALED_PLAINTEXT_BYTES));
const flipped = (value: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> =>
  value.with(at, (value.at(at) ?? 0) ^ 1);

beforeEach(() => {
  givenOut = [];
});

describe('the key of a session', () => {
  it('opens what the library of the relay seals, with every key and every envelope another', async () => {
    for (let round = 0; round < 50; round += 1) {
      const key = await makeSessionKey();
      const plaintext = aPlaintext();
      const { enc, ct } = await sealed(key.publicKey, plaintext);
      expect(new Uint8Array(await key.open(enc, ct, AAD))).toEqual(plaintext);
    }
  });

  it('has a public half of 32 bytes in memory of its own', async () => {
    const { publicKey } = await makeSessionKey();
    expect([publicKey.length, publicKey.buffer.byteLength]).toEqual([32, 32]);
  });

  it('leaves nothing behind but the plaintext', async () => {
    const key = await makeSessionKey();
    const { enc, ct } = await sealed(key.publicKey, aPlaintext());
    const plaintext = await key.open(enc, ct, AAD);
    const secrets = givenOut.filter((each) => each !== plaintext);
    // Of the key agreement, the shared secret, the key and the nonce.
    expect(secrets.map((each) => each.length)).toEqual([32, 32, 32, 12]);
    for (const secret of secrets) expect(secret).toEqual(new Uint8Array(secret.length));
  });

  it('leaves nothing behind of an envelope that was changed: it was decrypted before the tag could be checked', async () => {
    const key = await makeSessionKey();
    const { enc, ct } = await sealed(key.publicKey, aPlaintext());
    await expect(key.open(enc, flipped(ct, -1), AAD)).rejects.toThrow();
    expect(givenOut).toHaveLength(5);
    for (const each of givenOut) expect([...each].every((byte) => byte === 0)).toBe(true);
  });

  type Envelope = Awaited<ReturnType<typeof sealed>>;
  it.each<[string, (envelope: Envelope) => Partial<Envelope> & { readonly aad?: Uint8Array }]>([
    ['the first byte changed', ({ ct }) => ({ ct: flipped(ct, 0) })],
    ['the tag changed', ({ ct }) => ({ ct: flipped(ct, -1) })],
    ['the tag cut short', ({ ct }) => ({ ct: ct.subarray(0, -4) })],
    ['nothing but a tag', ({ ct }) => ({ ct: ct.subarray(-16) })],
    ['less than a tag', ({ ct }) => ({ ct: ct.subarray(-12) })],
    ['nothing', () => ({ ct: new Uint8Array(0) })],
    ['another place', () => ({ aad: bytes('ses_a/8') })],
    ['an encapsulation changed', ({ enc }) => ({ enc: flipped(enc, 3) })],
    ['an encapsulation too short', ({ enc }) => ({ enc: enc.subarray(1) })],
    ['an encapsulation too long', ({ enc }) => ({ enc: Uint8Array.from([...enc, 0]) })],
    ['no encapsulation', () => ({ enc: new Uint8Array(0) })],
    // RFC 7748 §6.1: points of a small order, whose secret everybody knows.
    ['an encapsulation of zeros', () => ({ enc: new Uint8Array(32) })],
    ['an encapsulation of order 1', () => ({ enc: new Uint8Array(32).with(0, 1) })],
  ])('refuses %s', async (_, spoil) => {
    const key = await makeSessionKey();
    const envelope = await sealed(key.publicKey, aPlaintext());
    const { enc, ct, aad } = { ...envelope, aad: AAD, ...spoil(envelope) };
    await expect(key.open(enc, ct, aad)).rejects.toThrow();
  });

  it('refuses what was sealed to another key, or for another purpose', async () => {
    const [key, other] = [await makeSessionKey(), await makeSessionKey()];
    const foreign = await sealed(other.publicKey, aPlaintext());
    const repurposed = await sealed(key.publicKey, aPlaintext(), 'something else v1');
    for (const { enc, ct } of [foreign, repurposed]) await expect(key.open(enc, ct, AAD)).rejects.toThrow();
  });
});
