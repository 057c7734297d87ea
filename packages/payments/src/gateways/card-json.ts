import { CardBody } from './card-body.ts';

/** JSON with card digits in it, as bytes. */
export class CardJson extends CardBody {
  digits(digits: Uint8Array): this {
    return this.text('"').raw(digits).text('"');
  }

  digitsOrNull(digits: Uint8Array): this {
    return digits.length === 0 ? this.text('null') : this.digits(digits);
  }
}
