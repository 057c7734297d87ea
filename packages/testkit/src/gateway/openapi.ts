/** Longest references and bodies taken: far above what a merchant sends, small enough to refuse nonsense early. */
export const BODY_BYTES_MAX = 16_384;

const error = {
  description: 'Not done.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};
const charge = {
  description: 'The outcome.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Charge' } } },
};

const step = {
  description: 'Done.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Step' } } },
};

/** The sandbox card gateway's protocol, as OpenAPI 3.1. The simulator validates both directions against it. */
export const SANDBOX_GATEWAY_OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'Sandbox card gateway', version: '1', description: 'Simulated. Takes test cards only.' },
  paths: {
    '/v1/charges': {
      post: {
        summary: 'Charge, authorize or tokenize a card, or charge a bank account, once per Idempotency-Key',
        parameters: [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: true,
            description:
              'Equal to `reference`. The same key with the same body gives the first answer again.',
            schema: { $ref: '#/components/schemas/Reference' },
          },
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/ChargeRequest' } } },
        },
        responses: { 200: charge, 400: error, 409: error, 500: error },
      },
      get: {
        summary: 'The outcome of a charge whose answer was lost',
        parameters: [
          {
            name: 'reference',
            in: 'query',
            required: true,
            schema: { $ref: '#/components/schemas/Reference' },
          },
        ],
        responses: { 200: charge, 400: error, 404: error },
      },
    },
    '/v1/charges/{id}/{step}': {
      post: {
        summary: 'Settle, void or refund a charge, once per Idempotency-Key',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { $ref: '#/components/schemas/ChargeId' } },
          { name: 'step', in: 'path', required: true, schema: { enum: ['settle', 'void', 'refund'] } },
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: true,
            description: 'Equal to `reference`.',
            schema: { $ref: '#/components/schemas/Reference' },
          },
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/StepRequest' } } },
        },
        responses: { 200: step, 400: error, 404: error, 409: error, 422: error, 500: error },
      },
    },
  },
  components: {
    schemas: {
      Reference: { type: 'string', pattern: '^[!-~]{1,128}$' },
      ChargeRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['reference', 'type', 'amount', 'currency', 'merchant_reference', 'moto'],
        dependentSchemas: { bank_account: { properties: { type: { const: 'charge' }, card: false } } },
        allOf: [{ if: { type: 'object', required: ['bank_account'] }, else: { required: ['card'] } }],
        properties: {
          reference: { $ref: '#/components/schemas/Reference' },
          type: { enum: ['charge', 'authorize', 'tokenize'] },
          amount: { type: ['integer', 'null'], minimum: 1, maximum: 99_999_999, description: 'Minor units.' },
          currency: { type: ['string', 'null'], pattern: '^[a-z]{3}$', description: 'ISO 4217, lower case.' },
          merchant_reference: { type: ['string', 'null'], maxLength: 64 },
          moto: {
            type: 'boolean',
            description: 'Mail order or telephone order: no cardholder authentication.',
          },
          card: { $ref: '#/components/schemas/Card' },
          bank_account: { $ref: '#/components/schemas/BankAccount' },
        },
        if: { properties: { type: { const: 'tokenize' } } },
        else: { properties: { amount: { type: 'integer' }, currency: { type: 'string' } } },
      },
      Card: {
        type: 'object',
        additionalProperties: false,
        required: ['number', 'exp_month', 'exp_year', 'cvc', 'postal_code'],
        properties: {
          number: { type: 'string', pattern: '^[0-9]{12,19}$' },
          exp_month: { type: 'string', pattern: '^(0[1-9]|1[0-2])$' },
          exp_year: { type: 'string', pattern: '^[0-9]{2}$' },
          cvc: { type: ['string', 'null'], pattern: '^[0-9]{3,4}$' },
          postal_code: { type: ['string', 'null'], pattern: '^[A-Za-z0-9 -]{1,10}$' },
        },
      },
      BankAccount: {
        type: 'object',
        additionalProperties: false,
        required: ['routing', 'account'],
        properties: {
          routing: {
            type: 'string',
            pattern: '^([0-9]{6}|[0-9]{9})$',
            description: 'ABA number or sort code.',
          },
          account: { type: 'string', pattern: '^[0-9]{4,17}$' },
        },
      },
      Charge: {
        oneOf: [{ $ref: '#/components/schemas/Approved' }, { $ref: '#/components/schemas/Declined' }],
      },
      Approved: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'status', 'auth_code', 'token'],
        properties: {
          id: { $ref: '#/components/schemas/ChargeId' },
          status: { const: 'approved' },
          auth_code: { type: 'string', pattern: '^[A-Z0-9]{6}$' },
          token: { type: ['string', 'null'], pattern: '^tok_[0-9a-z]+$' },
        },
      },
      Declined: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'status', 'decline_code'],
        properties: {
          id: { $ref: '#/components/schemas/ChargeId' },
          status: { const: 'declined' },
          decline_code: { enum: ['generic_decline', 'insufficient_funds', 'expired_card', 'incorrect_cvc'] },
        },
      },
      StepRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['reference', 'amount'],
        properties: {
          reference: { $ref: '#/components/schemas/Reference' },
          amount: { type: 'integer', minimum: 1, maximum: 99_999_999, description: 'Minor units.' },
        },
      },
      Step: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'status'],
        properties: {
          id: { type: 'string', pattern: '^st_[0-9a-z]+$' },
          status: { const: 'done' },
        },
      },
      ChargeId: { type: 'string', pattern: '^ch_[0-9a-z]+$' },
      Error: {
        type: 'object',
        additionalProperties: false,
        required: ['error'],
        properties: {
          error: {
            type: 'object',
            additionalProperties: false,
            required: ['code', 'message'],
            properties: { code: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
  },
} as const;
