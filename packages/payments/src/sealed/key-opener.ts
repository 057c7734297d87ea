import { SEALED_PLAINTEXT_BYTES, type SealedKey, type SessionId, sealedKeyAad } from '@sordino/core';
import { KEY_MAX } from '../capture/keys.ts';
import type { SessionKey } from './session-key.ts';

export type Refusal =
  /** Made for another session. */
  | 'foreign'
  /** Its place was taken before: sent twice, or out of order. */
  | 'replayed'
  /** The tag does not fit: another key, another place, or changed on the way. */
  | 'unreadable';

export type Opened =
  | {
      readonly ok: true;
      /** RFC 4733 event code, 0-15. */
      readonly key: number;
      /** Presses missing right before this one. */
      readonly lost: number;
    }
  | { readonly ok: false; readonly why: Refusal };

/**
 * Opens one session's envelopes, in order. A refused envelope changes nothing, so a forged one cannot push the true ones out; a gap is
 * reported with the next true one, because a field with a key missing must not be taken.
 */
export class KeyOpener {
  readonly #session: SessionId;
  #key: SessionKey | undefined;
  #nextSeq = 0;
  readonly #refused: Record<Refusal, number> = { foreign: 0, replayed: 0, unreadable: 0 };

  constructor(session: SessionId, key: SessionKey) {
    this.#session = session;
    this.#key = key;
  }

  get refused(): Readonly<Record<Refusal, number>> {
    return this.#refused;
  }

  /** Call it for one envelope at a time. */
  async open(envelope: SealedKey): Promise<Opened> {
    if (envelope.session !== this.#session) return this.#refuse('foreign');
    if (!Number.isSafeInteger(envelope.seq) || envelope.seq < this.#nextSeq) return this.#refuse('replayed');
    const key = await this.#decrypt(envelope);
    if (key === undefined) return this.#refuse('unreadable');
    const lost = envelope.seq - this.#nextSeq;
    this.#nextSeq = envelope.seq + 1;
    return { ok: true, key, lost };
  }

  /** Forgets the private key: whatever still arrives stays sealed for good. */
  destroy(): void {
    this.#key = undefined;
  }

  async #decrypt(envelope: SealedKey): Promise<number | undefined> {
    if (this.#key === undefined) return undefined;
    let plaintext: Uint8Array | undefined;
    try {
      plaintext = await this.#key.open(
        envelope.encapsulated,
        envelope.ciphertext,
        sealedKeyAad(this.#session, envelope.seq),
      );
      const key = plaintext[0];
      if (plaintext.length !== SEALED_PLAINTEXT_BYTES || key === undefined || key > KEY_MAX) return undefined;
      return key;
    } catch {
      // The error tells nothing more, and nothing of it may be passed on.
      return undefined;
    } finally {
      plaintext?.fill(0);
    }
  }

  #refuse(why: Refusal): Opened {
    this.#refused[why] += 1;
    return { ok: false, why };
  }
}
