/** What the simulated Adyen takes and answers, written from the Checkout API v72: only what a telephone order needs, and nothing else. */
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });
const reference = text(80);
const amount = {
  type: 'object',
  additionalProperties: false,
  required: ['currency', 'value'],
  properties: { currency: { type: 'string', pattern: '^[A-Z]{3}$' }, value: { type: 'integer', minimum: 0 } },
};
const object = (required: readonly string[], properties: object, optional: object = {}) => ({
  ...{ type: 'object', additionalProperties: false, required },
  properties: { ...properties, ...optional },
});
const exactly = (properties: object, optional: object = {}) =>
  object(Object.keys(properties), properties, optional);
const digits = (least: number, most: number) => ({ type: 'string', pattern: `^[0-9]{${least},${most}}$` });
const received = { const: 'received' };
const pspReference = { type: 'string', pattern: '^[A-Z0-9]{16}$' };

const address = exactly({
  ...{ city: text(3000), country: { type: 'string', pattern: '^[A-Z]{2}$' } },
  ...{ houseNumberOrName: text(3000), street: text(3000), postalCode: text(10) },
});
const card = exactly(
  { type: { const: 'scheme' }, number: digits(12, 19), expiryMonth: digits(2, 2), expiryYear: digits(4, 4) },
  { cvc: digits(3, 4) },
);

export const ADYEN_SCHEMAS = {
  payment: exactly(
    {
      ...{ merchantAccount: text(80), reference, amount, returnUrl: text(1024), paymentMethod: card },
      // The simulator is a telephone-order account: it takes nothing else.
      shopperInteraction: { const: 'Moto' },
    },
    {
      captureDelayHours: { type: 'integer', minimum: 0, maximum: 672 },
      additionalData: exactly(
        {},
        {
          manualCapture: { enum: ['true', 'false'] },
          RequestedTestAcquirerResponseCode: { type: 'string', pattern: '^[0-9]{1,2}$' },
        },
      ),
      ...{ billingAddress: address, merchantOrderReference: text(1000) },
      ...{ storePaymentMethod: { type: 'boolean' }, shopperReference: { ...text(256), minLength: 3 } },
      recurringProcessingModel: { enum: ['CardOnFile', 'Subscription', 'UnscheduledCardOnFile'] },
    },
  ),
  captures: exactly({ merchantAccount: text(80), amount }, { reference }),
  refunds: exactly({ merchantAccount: text(80), amount }, { reference }),
  cancels: exactly({ merchantAccount: text(80) }, { reference }),
  reversals: exactly({ merchantAccount: text(80) }, { reference }),
  cancelByReference: exactly({ merchantAccount: text(80), paymentReference: reference }, { reference }),
  paymentAnswer: exactly(
    { resultCode: { enum: ['Authorised', 'Refused', 'Error', 'Received'] }, pspReference },
    {
      additionalData: { type: 'object', additionalProperties: { type: 'string' } },
      ...{ merchantReference: reference, refusalReason: text(100), refusalReasonCode: digits(1, 2) },
      amount,
    },
  ),
  modificationAnswer: exactly(
    { merchantAccount: text(80), paymentPspReference: pspReference, pspReference, status: received },
    { reference, amount },
  ),
  cancelByReferenceAnswer: exactly(
    { merchantAccount: text(80), paymentReference: reference, pspReference, status: received },
    { reference },
  ),
  storedAnswer: exactly({
    ...{ merchantAccount: text(80), shopperReference: text(256) },
    storedPaymentMethods: { type: 'array', items: exactly({ id: text(64), type: { const: 'scheme' } }) },
  }),
  error: exactly(
    {
      status: { type: 'integer' },
      errorCode: { type: 'string' },
      message: { type: 'string' },
      errorType: { enum: ['internal', 'validation', 'security', 'configuration'] },
    },
    { pspReference },
  ),
} as const;

export type AdyenSchema = keyof typeof ADYEN_SCHEMAS;
