import { CardBody } from './card-body.ts';

/** What the four values of a card and their names take at most: values of at most 32 digits. */
export const CARD_PART_BYTES_MAX = 256;

/** JSON with card digits in it, as bytes. */
export class CardJson extends CardBody {
  digits(digits: Uint8Array): this {
    return this.text('"').raw(digits).text('"');
  }

  digitsOrNull(digits: Uint8Array): this {
    return digits.length === 0 ? this.text('null') : this.digits(digits);
  }
}
