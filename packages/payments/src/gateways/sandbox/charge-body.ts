import type { CardMemory } from '../../capture/card-memory.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import { BODY_BYTES_MAX } from './limits.ts';

/**
 * `POST /v1/charges` as bytes. The card's digits are copied from buffer to buffer: no text ever holds them. The caller wipes `bytes`
 * when the request is over.
 */
export class ChargeBody {
  readonly #buffer: Uint8Array;
  readonly #encoder = new TextEncoder();
  #length = 0;

  constructor(request: ChargeRequest, card: CardBytes, memory: CardMemory) {
    this.#buffer = memory(BODY_BYTES_MAX);
    const { key, type, amount, currency, reference } = request;
    const head = { reference: key, type, amount, currency, merchant_reference: reference, moto: true };
    this.#text(`${JSON.stringify(head).slice(0, -1)},"card":{"number":`);
    this.#digits(card.number);
    this.#text(',"exp_month":');
    this.#digits(card.expiry.subarray(0, 2));
    this.#text(',"exp_year":');
    this.#digits(card.expiry.subarray(2, 4));
    this.#text(',"cvc":');
    this.#digitsOrNull(card.cvc);
    this.#text(',"postal_code":');
    this.#digitsOrNull(card.postalCode);
    this.#text('}}');
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  wipe(): void {
    this.#buffer.fill(0);
  }

  /** Only for what is not card data. */
  #text(text: string): void {
    const { read, written } = this.#encoder.encodeInto(text, this.#buffer.subarray(this.#length));
    if (read < text.length) throw new RangeError(`a charge body has at most ${BODY_BYTES_MAX} bytes`);
    this.#length += written;
  }

  #digits(digits: Uint8Array): void {
    this.#text('"');
    this.#buffer.set(digits, this.#length);
    this.#length += digits.length;
    this.#text('"');
  }

  #digitsOrNull(digits: Uint8Array): void {
    if (digits.length === 0) this.#text('null');
    else this.#digits(digits);
  }
}
