import type { KeyTransport, SealedKey } from '@sordino/core';
import type { DigitVault } from './digit-vault.ts';
import { OTHER_TRANSPORT_WITHIN_MS, SAME_KEY_APART_MIN_MS } from './limits.ts';

/** One press that was reported twice: too soon to be a second press, or by another transport. The key itself is in the vault only. */
export class DoubledKeys {
  readonly #vault: DigitVault;
  #onsetMs = 0;
  #transport: KeyTransport | undefined;

  constructor(vault: DigitVault) {
    this.#vault = vault;
  }

  /** Ask for every key, in order. True: it is the press before it, heard again. */
  isDouble(key: number, { at_ms, transport }: Pick<SealedKey, 'at_ms' | 'transport'>): boolean {
    const apartMs = Math.abs(at_ms - this.#onsetMs);
    if (this.#vault.isLastKey(key) && apartMs < this.#leastApartMs(transport)) return true;
    this.#vault.rememberKey(key);
    this.#onsetMs = at_ms;
    this.#transport = transport;
    return false;
  }

  #leastApartMs(transport: KeyTransport): number {
    if (transport !== this.#transport) return OTHER_TRANSPORT_WITHIN_MS;
    // An INFO's time is that of its arrival, and two that waited for each other in a stream arrive together.
    return transport === 'info' ? 0 : SAME_KEY_APART_MIN_MS;
  }
}
