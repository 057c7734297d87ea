import type { CardMemory } from '../capture/card-memory.ts';

/** A request body with card digits in it: they are copied from buffer to buffer, and no text ever holds them. `wipe` when the request is over. */
export class CardBody {
  readonly #buffer: Uint8Array;
  readonly #encoder = new TextEncoder();
  #length = 0;

  constructor(memory: CardMemory, bytesMax: number) {
    this.#buffer = memory(bytesMax);
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  wipe(): void {
    this.#buffer.fill(0);
  }

  /** Only for what is not card data. */
  text(text: string): this {
    return this.raw(this.#encoder.encode(text));
  }

  raw(bytes: Uint8Array): this {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }
}
