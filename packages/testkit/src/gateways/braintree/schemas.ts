import { Ajv2020 } from 'ajv/dist/2020.js';
import { GatewayRefusal } from '../../gateway/protocol.ts';
import { lazySchemas } from '../lazy-schemas.ts';

/** What a request may hold, by hand after the official library's own lists of names. */
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
const object = (properties: Readonly<Record<string, object>>, required: readonly string[] = []) => ({
  ...{ type: 'object', additionalProperties: false, properties, required },
});
const amount = { type: 'string', pattern: '^\\d{1,9}(\\.\\d{2})?$' };
const orderId = text(255);
const address = object({ postal_code: text(9) });
const card = {
  number: { type: 'string', pattern: '^\\d{12,19}$' },
  expiration_month: { type: 'string', pattern: '^(0[1-9]|1[0-2])$' },
  expiration_year: { type: 'string', pattern: '^\\d{4}$' },
  cvv: { type: 'string', pattern: '^\\d{3,4}$' },
};
const cardRequired = ['number', 'expiration_month', 'expiration_year'];

const BODIES = {
  sale: object(
    {
      transaction: object(
        {
          ...{ type: { const: 'sale' }, amount, order_id: orderId, merchant_account_id: text(50) },
          transaction_source: { enum: ['moto', 'recurring', 'recurring_first', 'unscheduled'] },
          credit_card: object(card, cardRequired),
          billing: address,
          options: object({ submit_for_settlement: { type: 'boolean' } }),
        },
        ['type', 'amount', 'credit_card'],
      ),
    },
    ['transaction'],
  ),
  customer: object(
    {
      customer: object(
        {
          id: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,36}$' },
          credit_card: object(
            {
              ...{ ...card, billing_address: address },
              options: object({
                ...{ verify_card: { type: 'boolean' }, verification_merchant_account_id: text(50) },
              }),
            },
            cardRequired,
          ),
        },
        ['id', 'credit_card'],
      ),
    },
    ['customer'],
  ),
  search: object({
    search: object({ order_id: object({ is: orderId }), ids: { type: 'array', items: text(36) } }),
  }),
  amount: object({ transaction: object({ amount, order_id: orderId }) }),
} as const;

export interface CardFields {
  readonly number: string;
  readonly expiration_month: string;
  readonly expiration_year: string;
  readonly cvv?: string;
}

export interface Bodies {
  readonly sale: {
    readonly transaction: {
      readonly amount: string;
      readonly order_id?: string;
      readonly transaction_source?: string;
      readonly credit_card: CardFields;
      readonly billing?: { readonly postal_code?: string };
      readonly options?: { readonly submit_for_settlement?: boolean };
    };
  };
  readonly customer: {
    readonly customer: {
      readonly id: string;
      readonly credit_card: CardFields & { readonly billing_address?: { readonly postal_code?: string } };
    };
  };
  readonly search: { readonly search: { readonly order_id?: { readonly is: string } } };
  readonly amount: { readonly transaction: { readonly amount?: string; readonly order_id?: string } };
}

const bodies = lazySchemas(BODIES, () => new Ajv2020({ strict: false }));

/** Reads a body, or refuses it. Nothing of it is repeated: it may hold a card. */
export function readBody<Kind extends keyof Bodies>(kind: Kind, body: string): Bodies[Kind] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    throw new GatewayRefusal(400, 'bad_request', 'the body is not JSON');
  }
  const isValid = bodies(kind);
  if (isValid?.(parsed)) return parsed as Bodies[Kind];
  const [wrong] = isValid?.errors ?? [];
  throw new GatewayRefusal(400, 'bad_request', `${wrong?.instancePath} ${wrong?.message}`);
}

const nullable = (type: string) => ({ type: [type, 'null'] });
const transaction = {
  type: 'object',
  required: ['id', 'status', 'type', 'currency_iso_code', 'amount', 'order_id', 'refund_ids', 'credit_card'],
  properties: {
    id: { type: 'string', pattern: '^[a-z0-9]{8}$' },
    status: {
      enum: [
        ...['authorized', 'submitted_for_settlement', 'settling', 'settled', 'voided', 'failed'],
        ...['processor_declined', 'gateway_rejected'],
      ],
    },
    ...{ type: { enum: ['sale', 'credit'] }, amount: { type: 'string', pattern: '^\\d+\\.\\d{2}$' } },
    ...{ gateway_rejection_reason: nullable('string'), processor_authorization_code: nullable('string') },
    credit_card: object({ bin: text(6), last_4: { type: 'string', pattern: '^\\d{4}$' } }, ['last_4']),
  },
};
const error = object({
  code: { type: 'string', pattern: '^\\d{5}$' },
  attribute: text(64),
  message: text(255),
});
const answer = {
  ...{ type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: false },
  properties: {
    transaction,
    customer: { type: 'object', required: ['id', 'credit_cards'] },
    search_results: object({ page_size: { type: 'integer' }, ids: { type: 'array', items: text(36) } }, [
      'ids',
    ]),
    api_error_response: {
      ...{ type: 'object', required: ['errors', 'message'] },
      properties: { transaction, errors: { type: 'object' }, error },
    },
  },
};
const answers = lazySchemas({ answer }, () => new Ajv2020({ strict: false }));

/** The simulator keeps to its own description: an answer that does not is a bug here, and must not look like one of ours. */
export function checkedAnswer<Answer extends object>(answer: Answer): Answer {
  const isAnswer = answers('answer');
  if (isAnswer?.(answer)) return answer;
  const [wrong] = isAnswer?.errors ?? [];
  throw new Error(`the simulated gateway made a wrong answer: ${wrong?.instancePath} ${wrong?.message}`);
}
