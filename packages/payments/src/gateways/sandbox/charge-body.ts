import type { CardMemory } from '../../capture/card-memory.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import { BODY_BYTES_MAX, CARD_PART_BYTES_MAX } from './limits.ts';

/**
 * `POST /v1/charges` as bytes. The card's digits are copied from buffer to buffer: no text ever holds them. The caller wipes `bytes`
 * when the request is over.
 */
export class ChargeBody {
  readonly #buffer: Uint8Array;
  readonly #encoder = new TextEncoder();
  #length = 0;

  /** Undefined when the request does not fit: then nothing of the card was copied. */
  static of(request: ChargeRequest, card: CardBytes, memory: CardMemory): ChargeBody | undefined {
    const { key, type, amount, currency, reference } = request;
    const fields = { reference: key, type, amount, currency, merchant_reference: reference, moto: true };
    const head = new TextEncoder().encode(`${JSON.stringify(fields).slice(0, -1)},"card":{"number":`);
    return head.length + CARD_PART_BYTES_MAX > BODY_BYTES_MAX
      ? undefined
      : new ChargeBody(head, card, memory);
  }

  private constructor(head: Uint8Array, card: CardBytes, memory: CardMemory) {
    this.#buffer = memory(BODY_BYTES_MAX);
    this.#bytes(head);
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
    this.#bytes(this.#encoder.encode(text));
  }

  #bytes(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #digits(digits: Uint8Array): void {
    this.#text('"');
    this.#bytes(digits);
    this.#text('"');
  }

  #digitsOrNull(digits: Uint8Array): void {
    if (digits.length === 0) this.#text('null');
    else this.#digits(digits);
  }
}
