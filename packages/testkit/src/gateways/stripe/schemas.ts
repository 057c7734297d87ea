import { Ajv } from 'ajv';
import { lazySchemas } from '../lazy-schemas.ts';
import { wrong } from '../wrong.ts';

/** What this simulator knows of Stripe's API, by hand: requests strictly, answers as far as a client may rely on them. */
const text = { type: 'string', minLength: 1, maxLength: 500 };
const amount = { type: 'integer', minimum: 1, maximum: 99_999_999 };
const metadata = { type: 'object', additionalProperties: text };
const expand = { type: 'array', items: text };
const strict = (properties: object, required: readonly string[] = []) => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
});
const confirmed = {
  confirm: { const: true, type: 'boolean' },
  payment_method: text,
  // Else Stripe wants a page to come back to. (`payment_method_types` is gone since 2026-09-30.)
  automatic_payment_methods: strict({ enabled: { type: 'boolean' }, allow_redirects: { const: 'never' } }, [
    'enabled',
    'allow_redirects',
  ]),
  payment_method_options: strict({ card: strict({ moto: { type: 'boolean' } }) }),
  ...{ description: { ...text, maxLength: 1_000 }, metadata, expand },
};

const REQUESTS = {
  'POST /v1/payment_methods': strict(
    {
      type: { const: 'card' },
      card: strict(
        {
          number: { type: 'string', pattern: '^\\d{12,19}$' },
          exp_month: { type: 'integer' },
          exp_year: { type: 'integer', minimum: 2000, maximum: 2099 },
          cvc: { type: 'string', pattern: '^\\d{3,4}$' },
        },
        ['number', 'exp_month', 'exp_year'],
      ),
      billing_details: strict({ address: strict({ postal_code: text }) }),
    },
    ['type', 'card'],
  ),
  'POST /v1/payment_intents': strict(
    {
      ...confirmed,
      ...{ amount, currency: { type: 'string', pattern: '^[a-z]{3}$' } },
      capture_method: { enum: ['automatic', 'automatic_async', 'manual'] },
      error_on_requires_action: { type: 'boolean' },
    },
    ['amount', 'currency', 'confirm', 'payment_method', 'automatic_payment_methods'],
  ),
  'POST /v1/setup_intents': strict({ ...confirmed, usage: { enum: ['off_session', 'on_session'] } }, [
    'confirm',
    'payment_method',
    'automatic_payment_methods',
  ]),
  'POST /v1/payment_intents/{intent}/capture': strict({ amount_to_capture: amount, metadata, expand }),
  'POST /v1/payment_intents/{intent}/cancel': strict({ cancellation_reason: text, expand }),
  'POST /v1/refunds': strict({ payment_intent: text, amount, metadata, expand }, ['payment_intent']),
  'GET /v1/payment_intents/{intent}': strict({ expand }),
  'GET /v1/payment_intents/search': strict(
    {
      query: { type: 'string', pattern: "^metadata\\['sordino_key'\\]:'[^']+'$" },
      ...{ limit: { type: 'integer', minimum: 1, maximum: 100 }, expand },
    },
    ['query'],
  ),
  'GET /v1/setup_intents': strict({ payment_method: text, limit: { type: 'integer' }, expand }, [
    'payment_method',
  ]),
  'GET /v1/refunds': strict({ payment_intent: text, limit: { type: 'integer' }, expand }, ['payment_intent']),
};

export type StripeRoute = keyof typeof REQUESTS;

const nullable = { type: ['string', 'null'] };
const object = (name: string, properties: object) => ({
  type: 'object',
  properties: { object: { const: name }, id: text, livemode: { const: false }, ...properties },
  required: ['object', 'id', ...Object.keys(properties)],
});

const ANSWERS = {
  payment_method: object('payment_method', { type: { const: 'card' }, livemode: { const: false } }),
  payment_intent: object('payment_intent', {
    ...{ amount, amount_received: { type: 'integer' }, currency: text, livemode: { const: false } },
    ...{ capture_method: text, metadata: { type: 'object' }, payment_method: nullable },
    status: { enum: ['requires_payment_method', 'requires_capture', 'succeeded', 'canceled'] },
    latest_charge: { type: ['string', 'object', 'null'] },
    last_payment_error: { type: ['object', 'null'] },
  }),
  setup_intent: object('setup_intent', {
    status: { enum: ['requires_payment_method', 'succeeded'] },
    ...{ livemode: { const: false }, payment_method: nullable, metadata: { type: 'object' } },
    last_setup_error: { type: ['object', 'null'] },
  }),
  refund: object('refund', { amount, currency: text, payment_intent: text, status: text }),
  list: {
    type: 'object',
    properties: { object: { enum: ['list', 'search_result'] }, data: { type: 'array' } },
    required: ['object', 'data', 'has_more', 'url'],
  },
  error: {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['type', 'message'],
        properties: {
          type: { enum: ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error'] },
        },
      },
    },
  },
};

export type StripeAnswerName = keyof typeof ANSWERS;

/** Everything in a form is text: numbers and booleans are made of it as the schema says. */
const requests = lazySchemas(REQUESTS, () => new Ajv({ strict: false, coerceTypes: true }));
const answers = lazySchemas(ANSWERS, () => new Ajv({ strict: false }));

/** What is wrong, without any value: it may be a card. Turns texts of `params` into numbers and booleans. */
export const wrongRequest = (route: StripeRoute, params: object): string | undefined =>
  wrong(requests(route), params);

export const wrongAnswer = (name: StripeAnswerName, body: object): string | undefined =>
  wrong(answers(name), body);
