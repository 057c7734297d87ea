/** What the simulated Worldpay Access takes and answers, written from Card Payments v7: only what a telephone order needs, and nothing else. */
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
const exactly = (properties: object, optional: object = {}) => ({
  ...{ type: 'object', additionalProperties: false, required: Object.keys(properties) },
  properties: { ...properties, ...optional },
});
const integer = (minimum: number, maximum: number) => ({ type: 'integer', minimum, maximum });
const digits = (least: number, most: number) => ({ type: 'string', pattern: `^[0-9]{${least},${most}}$` });
const country = { type: 'string', pattern: '^[A-Z]{2}$' };
const link = exactly({ href: { type: 'string', pattern: '^https?://' } });
const links = {
  ...{ type: 'object', required: ['cardPayments:events'], propertyNames: { pattern: '^cardPayments:' } },
  additionalProperties: link,
};

const card = exactly(
  {
    ...{ type: { const: 'card/plain' }, cardNumber: digits(12, 19) },
    expiryDate: exactly({ month: integer(1, 12), year: integer(1970, 9999) }),
  },
  {
    ...{ cardHolderName: text(255), cvc: digits(3, 4) },
    billingAddress: exactly({
      ...{ address1: text(80), city: text(50), countryCode: country, postalCode: text(15) },
    }),
  },
);

export const WORLDPAY_SCHEMAS = {
  payment: exactly({
    transactionReference: { type: 'string', pattern: '^[-A-Za-z0-9_!@#$%()*=.:;?\\[\\]{}~`/+]{1,64}$' },
    // The simulator is a telephone-order account: it takes nothing else.
    channel: { const: 'moto' },
    merchant: exactly({ entity: text(32) }),
    instruction: exactly({
      requestAutoSettlement: exactly({ enabled: { type: 'boolean' } }),
      narrative: exactly({ line1: text(24) }),
      value: exactly({ currency: { type: 'string', pattern: '^[A-Z]{3}$' }, amount: integer(1, 99_999_999) }),
      paymentInstrument: card,
    }),
  }),
  paid: exactly({
    outcome: { enum: ['authorized', 'sentForSettlement'] },
    issuer: exactly({ authorizationCode: text(20) }),
    ...{ paymentId: text(64), _links: links },
  }),
  refused: exactly({
    ...{ outcome: { const: 'refused' }, refusalCode: digits(1, 3), refusalDescription: text(100) },
    paymentId: text(64),
  }),
  event: exactly({
    lastEvent: {
      enum: [
        'Authorized',
        'Refused',
        'Sent for Settlement',
        'Settled',
        'Sent for Cancellation',
        'Sent for Refund',
      ],
    },
    _links: links,
  }),
  taken: exactly({ paymentId: text(64), commandId: text(64), _links: links }),
  error: exactly(
    { errorName: text(64), message: text(500) },
    {
      validationErrors: {
        type: 'array',
        items: exactly({ errorName: text(64), message: text(500), jsonPath: text(200) }),
      },
    },
  ),
} as const;

export type WorldpaySchema = keyof typeof WORLDPAY_SCHEMAS;
