import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { SEALED_KEY_INFO, type SealedKey, type SessionId, sealedKeyAad } from '@sordino/core';
import { keyOfCode } from './outcome.ts';

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

type KeyPair = Awaited<ReturnType<typeof suite.kem.generateKeyPair>>;

/** The other end of the sealed keys of one session: what the payments process would read. */
export class Vault {
  readonly publicKey: Uint8Array;
  readonly #session: SessionId;
  readonly #pair: KeyPair;

  private constructor(session: SessionId, pair: KeyPair, publicKey: Uint8Array) {
    this.#session = session;
    this.#pair = pair;
    this.publicKey = publicKey;
  }

  static async make(session: SessionId): Promise<Vault> {
    const pair = await suite.kem.generateKeyPair();
    return new Vault(session, pair, new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)));
  }

  /** The key that was sealed. These keys are nobody's card. */
  async open({ seq, encapsulated, ciphertext }: SealedKey): Promise<string> {
    const opened = await suite.open(
      {
        recipientKey: this.#pair.privateKey,
        enc: exact(encapsulated),
        info: exact(new TextEncoder().encode(SEALED_KEY_INFO)),
      },
      exact(ciphertext),
      exact(sealedKeyAad(this.#session, seq)),
    );
    return keyOfCode(new Uint8Array(opened)[0] ?? -1);
  }
}

const exact = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
