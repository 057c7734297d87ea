import { Ajv } from 'ajv';
import { wrong } from '../wrong.ts';

/**
 * Stripe's published OpenAPI 3.0 description as a second opinion on requests and answers. Expandable fields are ids there, so what was
 * expanded is judged by itself.
 */
export class StripeDescription {
  readonly #ajv: { readonly forms: Ajv; readonly answers: Ajv };

  constructor(openapi: object) {
    const document = withNull(openapi) as object;
    const open = (coerceTypes: boolean): Ajv => {
      const ajv = new Ajv({ strict: false, coerceTypes, validateFormats: false, validateSchema: false });
      return ajv.addSchema(document, 'stripe');
    };
    this.#ajv = { forms: open(true), answers: open(false) };
  }

  /** What is wrong with a form, without its values. */
  wrongForm(path: string, params: object): string | undefined {
    const form = `stripe#/paths/${path.replaceAll('/', '~1')}/post/requestBody/content/application~1x-www-form-urlencoded/schema`;
    return wrong(this.#ajv.forms.getSchema(form), structuredClone(params));
  }

  /** What is wrong with an answer: a list is judged by what is in it. */
  wrongAnswer(body: object): string | undefined {
    const { error, data } = body as { error?: object; data?: object[] };
    if (error !== undefined) return this.#wrong('error', { error: { ...error, payment_intent: undefined } });
    if (data !== undefined) return data.map((one) => this.wrongAnswer(one)).find(Boolean);
    const { object, latest_charge } = body as { object: string; latest_charge?: { id: string } | string };
    if (typeof latest_charge !== 'object' || latest_charge === null) return this.#wrong(object, body);
    return (
      this.#wrong(object, { ...body, latest_charge: latest_charge.id }) ??
      this.#wrong('charge', latest_charge)
    );
  }

  #wrong(name: string, body: object): string | undefined {
    // As it goes over the wire: without members that are undefined.
    const sent = JSON.parse(JSON.stringify(body)) as object;
    const fault = wrong(this.#ajv.answers.getSchema(`stripe#/components/schemas/${name}`), sent);
    return fault && `${name} ${fault}`;
  }
}

/** `nullable` of OpenAPI 3.0 in words that JSON Schema has. */
function withNull(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNull);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, ...rest } = schema as { nullable?: unknown };
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withNull(value)]));
  return nullable === true ? { anyOf: [inner, { type: 'null' }] } : inner;
}
