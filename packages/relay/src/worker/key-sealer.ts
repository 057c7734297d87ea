import type { webcrypto } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import {
  type KeyTransport,
  SEALED_KEY_INFO,
  SEALED_PLAINTEXT_BYTES,
  type SealedKey,
  type SessionId,
  sealedKeyAad,
} from '@sordino/core';

export interface KeySealerOptions {
  readonly session: SessionId;
  readonly publicKey: Uint8Array;
  readonly firstSeq: number;
  /** In `seq` order. */
  readonly sealed: (key: SealedKey) => void;
  /** The key is lost. The error tells nothing about which key it was. */
  readonly failed: (seq: number, error: unknown) => void;
}

/** RFC 9180 §7: the suite that `SealedKey` names. */
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

const info = new TextEncoder().encode(SEALED_KEY_INFO);

/** X25519 public keys, RFC 7748 §5. */
export const SEAL_PUBLIC_KEY_BYTES = 32;

/**
 * Seals key presses to the session's public key, one HPKE context each. A press takes its `seq` when it is heard, and
 * envelopes leave in that order although sealing is asynchronous. Plaintext lives in one buffer per press, zeroed as soon as
 * the envelope exists.
 */
export class KeySealer {
  readonly #options: KeySealerOptions;
  readonly #publicKey: webcrypto.CryptoKey;
  #nextSeq: number;
  #count = 0;
  #tail: Promise<void> = Promise.resolve();

  private constructor(options: KeySealerOptions, publicKey: webcrypto.CryptoKey) {
    this.#options = options;
    this.#publicKey = publicKey;
    this.#nextSeq = options.firstSeq;
  }

  /** Rejects when the public key is not an X25519 key. */
  static async create(options: KeySealerOptions): Promise<KeySealer> {
    return new KeySealer(options, await suite.kem.deserializePublicKey(exactBuffer(options.publicKey)));
  }

  /** Presses taken so far. */
  get count(): number {
    return this.#count;
  }

  seal(eventCode: number, transport: KeyTransport, atMs: number): void {
    const plaintext = new ArrayBuffer(SEALED_PLAINTEXT_BYTES);
    new Uint8Array(plaintext)[0] = eventCode;
    this.sealBuffer(plaintext, transport, atMs);
  }

  /** `plaintext`: exactly 256 bytes, key in the first; ours from now on. */
  sealBuffer(plaintext: ArrayBuffer, transport: KeyTransport, atMs: number): void {
    const seq = this.#nextSeq;
    this.#nextSeq += 1;
    this.#count += 1;
    this.#tail = this.#tail.then(() => this.#seal(plaintext, seq, transport, atMs));
  }

  /** Resolves when every press so far has left. */
  drained(): Promise<void> {
    return this.#tail;
  }

  async #seal(plaintext: ArrayBuffer, seq: number, transport: KeyTransport, atMs: number): Promise<void> {
    const { session, sealed, failed } = this.#options;
    try {
      // An ArrayBuffer, not a view: the library copies views, and that copy would not be wiped.
      const { enc, ct } = await suite.seal(
        { recipientPublicKey: this.#publicKey, info: info.buffer },
        plaintext,
        sealedKeyAad(session, seq).buffer,
      );
      sealed({
        session,
        seq,
        transport,
        at_ms: atMs,
        encapsulated: new Uint8Array(enc),
        ciphertext: new Uint8Array(ct),
      });
    } catch (error) {
      failed(seq, error);
    } finally {
      new Uint8Array(plaintext).fill(0);
    }
  }
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
