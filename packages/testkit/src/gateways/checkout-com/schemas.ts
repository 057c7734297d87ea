import { Ajv } from 'ajv';
import { lazySchemas } from '../lazy-schemas.ts';
import { wrong } from '../wrong.ts';

/** What this simulator knows of Checkout.com's API, by hand: its own description may not be redistributed. */
const text = { type: 'string', minLength: 1, maxLength: 100 };
const amount = { type: 'integer', minimum: 0, maximum: 9_999_999_999 };
const metadata = { type: 'object', maxProperties: 20, additionalProperties: text };
const strict = (properties: object, required: readonly string[]) => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
});
const reference = { type: 'string', minLength: 1, maxLength: 80 };

const REQUESTS = {
  'POST /tokens': strict(
    {
      type: { const: 'card' },
      number: { type: 'string', pattern: '^\\d{12,19}$' },
      expiry_month: { type: 'integer', minimum: 1, maximum: 12 },
      expiry_year: { type: 'integer', minimum: 2000, maximum: 2099 },
      cvv: { type: 'string', pattern: '^\\d{3,4}$' },
      billing_address: strict({ zip: { type: 'string', maxLength: 50 } }, []),
    },
    ['type', 'number', 'expiry_month', 'expiry_year'],
  ),
  'POST /payments': strict(
    {
      source: strict({ type: { const: 'token' }, token: { type: 'string', pattern: '^tok_\\w+$' } }, [
        'type',
        'token',
      ]),
      ...{ amount, currency: { type: 'string', pattern: '^[A-Z]{3}$' }, capture: { type: 'boolean' } },
      payment_type: { enum: ['Regular', 'MOTO'] },
      ...{ reference, description: text, metadata },
      processing_channel_id: { type: 'string', pattern: '^pc_\\w{26}$' },
    },
    ['source', 'amount', 'currency', 'reference'],
  ),
  'POST captures': strict({ amount, reference, metadata }, []),
  'POST voids': strict({ reference, metadata }, []),
  'POST refunds': strict({ amount, reference, metadata }, []),
};

export type CheckoutBody = keyof typeof REQUESTS;

const PAYMENT = {
  type: 'object',
  required: ['id', 'amount', 'currency', 'approved', 'status', 'reference', 'source', '_links'],
  properties: {
    id: { type: 'string', pattern: '^pay_' },
    status: {
      enum: [
        ...['Authorized', 'Card Verified', 'Captured', 'Partially Captured', 'Declined', 'Voided'],
        ...['Refunded', 'Partially Refunded'],
      ],
    },
    approved: { type: 'boolean' },
    response_code: { type: 'string', pattern: '^[1-5]\\d{4}$' },
    source: { type: 'object', required: ['id', 'type', 'last4'] },
  },
};

const ANSWERS = {
  token: { type: 'object', required: ['type', 'token', 'expires_on', 'last4', 'bin'] },
  payment: PAYMENT,
  payments: {
    type: 'object',
    required: ['limit', 'skip', 'total_count', 'data'],
    properties: { data: { type: 'array', items: PAYMENT } },
  },
  actions: {
    type: 'array',
    items: { type: 'object', required: ['id', 'type', 'processed_on', 'amount', 'approved'] },
  },
  accepted: { type: 'object', required: ['action_id', '_links'] },
  error: {
    type: 'object',
    required: ['request_id', 'error_type', 'error_codes'],
    properties: { error_codes: { type: 'array', items: { type: 'string' } } },
  },
};

export type CheckoutAnswer = keyof typeof ANSWERS;

const requests = lazySchemas(REQUESTS, () => new Ajv({ strict: false }));
const answers = lazySchemas(ANSWERS, () => new Ajv({ strict: false }));

/** What is wrong, without any value: it may be a card. */
export const wrongBody = (name: CheckoutBody, body: unknown): string | undefined =>
  wrong(requests(name), body);

export const wrongAnswer = (name: CheckoutAnswer, body: unknown): string | undefined =>
  wrong(answers(name), body);
