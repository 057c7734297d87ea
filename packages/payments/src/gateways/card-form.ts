import { CardBody } from './card-body.ts';

/** `name=value&…` as gateways read it: names with brackets as they are, values escaped. */
export function formText(fields: Readonly<Record<string, string | number | boolean | null>>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
}

/** A form (application/x-www-form-urlencoded) with card digits in it, as bytes. */
export class CardForm extends CardBody {
  /** Begins with the fields that are not card data. */
  begin(fields: Readonly<Record<string, string | number | boolean | null>>): this {
    return this.text(formText(fields));
  }

  /** Digits need no escaping. Left out when there are none. */
  digits(name: string, ...digits: readonly Uint8Array[]): this {
    if (digits.every(({ length }) => length === 0)) return this;
    this.text(`&${name}=`);
    for (const part of digits) this.raw(part);
    return this;
  }
}
