import type { CardMemory } from '../capture/card-memory.ts';
import type { DigitVault } from '../capture/digit-vault.ts';
import { CARD_BUFFER_BYTES } from '../capture/limits.ts';
import type { CardBytes } from '../gateways/gateway.ts';

/**
 * The card as the charge needs it, in a buffer of its own: the session may be wiped by a hang-up while the charge goes on.
 * `wipe` when the gateway is done with it.
 */
export class CardBuffer {
  readonly card: CardBytes;
  readonly #bytes: Uint8Array;

  constructor(vault: DigitVault, memory: CardMemory) {
    this.#bytes = memory(CARD_BUFFER_BYTES);
    let at = 0;
    const copy = (digits: Uint8Array): Uint8Array => {
      this.#bytes.set(digits, at);
      const view = this.#bytes.subarray(at, at + digits.length);
      at += digits.length;
      return view;
    };
    this.card = {
      number: copy(vault.digits('card_number')),
      expiry: copy(vault.digits('expiry')),
      cvc: copy(vault.digits('cvc')),
      postalCode: copy(vault.digits('postal_code')),
      ...(vault.length('bank_account') > 0 && {
        bank: { routing: copy(vault.digits('bank_routing')), account: copy(vault.digits('bank_account')) },
      }),
    };
  }

  wipe(): void {
    this.#bytes.fill(0);
  }
}
