/** What a request may hold, by hand after the gateway's XML schema. Members stand in its order: the real one refuses any other. */

const text = (maxLength: number, minLength = 1) => ({ type: 'string', minLength, maxLength });
const object = (properties: Readonly<Record<string, object>>, required: readonly string[] = []) => ({
  ...{ type: 'object', additionalProperties: false, properties, required },
});
/** Lists come as an array, or as the one that is in them. */
const listOf = (items: object) => ({ anyOf: [{ type: 'array', items, minItems: 1 }, items] });

const amount = { type: ['string', 'number'], pattern: '^\\d{1,13}(\\.\\d{1,4})?$', exclusiveMinimum: 0 };
const numeric = { type: 'string', pattern: '^\\d{1,20}$' };
const merchantAuthentication = object({ name: text(25), transactionKey: text(16) }, [
  'name',
  'transactionKey',
]);
const opening = { merchantAuthentication, clientId: text(30), refId: text(20) };
const request = (properties: Readonly<Record<string, object>>, required: readonly string[] = []) =>
  object({ ...opening, ...properties }, ['merchantAuthentication', ...required]);

const creditCard = object(
  {
    cardNumber: { type: 'string', pattern: '^\\d{4}$|^\\d{13,19}$' },
    expirationDate: { type: 'string', pattern: '^(\\d{4}-\\d{2}|XXXX)$' },
    cardCode: { type: 'string', pattern: '^\\d{3,4}$' },
  },
  ['cardNumber', 'expirationDate'],
);
const payment = object({ creditCard }, ['creditCard']);
const billTo = object({ zip: text(20) });
const setting = object({ settingName: text(64), settingValue: text(64) }, ['settingName', 'settingValue']);
const userField = object({ name: text(255), value: text(255) }, ['name', 'value']);

const transactionRequest = object(
  {
    transactionType: {
      enum: [
        ...['authOnlyTransaction', 'authCaptureTransaction', 'refundTransaction'],
        ...['priorAuthCaptureTransaction', 'voidTransaction'],
      ],
    },
    ...{ amount, currencyCode: { type: 'string', pattern: '^[A-Z]{3}$' }, payment, refTransId: numeric },
    order: object({ invoiceNumber: text(20), description: text(255) }),
    ...{ billTo, retail: object({ marketType: { enum: ['0', '1', '2'] } }, ['marketType']) },
    transactionSettings: object({ setting: listOf(setting) }, ['setting']),
    userFields: object({ userField: listOf(userField) }, ['userField']),
  },
  ['transactionType'],
);

const page = {
  sorting: object({ orderBy: { enum: ['id', 'submitTimeUTC'] }, orderDescending: { type: 'boolean' } }),
  paging: object({
    limit: { type: ['integer', 'string'], minimum: 1, maximum: 1_000 },
    offset: { type: ['integer', 'string'], minimum: 1 },
  }),
};
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' };

export const REQUESTS: Readonly<Record<string, object>> = {
  createTransactionRequest: request({ transactionRequest }, ['transactionRequest']),
  createCustomerProfileRequest: request(
    {
      profile: object({
        ...{ merchantCustomerId: text(20), description: text(255) },
        paymentProfiles: listOf(object({ billTo, payment }, ['payment'])),
      }),
      validationMode: { enum: ['none', 'testMode', 'liveMode'] },
    },
    ['profile'],
  ),
  getCustomerProfileRequest: request({ customerProfileId: numeric, merchantCustomerId: text(20) }),
  getTransactionDetailsRequest: request({ transId: numeric }, ['transId']),
  getUnsettledTransactionListRequest: request({ status: { enum: ['any', 'pendingApproval'] }, ...page }),
  getSettledBatchListRequest: request({
    ...{ includeStatistics: { type: 'boolean' }, firstSettlementDate: time, lastSettlementDate: time },
  }),
  getTransactionListRequest: request({ batchId: numeric, ...page }, ['batchId']),
};

const code = { type: 'string', pattern: '^[EI]\\d{5}$' };
const messages = object(
  {
    resultCode: { enum: ['Ok', 'Error'] },
    message: { type: 'array', minItems: 1, items: object({ code, text: text(500) }, ['code', 'text']) },
  },
  ['resultCode', 'message'],
);
const masked = { type: 'string', pattern: '^XXXX\\d{4}$' };
const transactionResponse = {
  type: 'object',
  required: ['responseCode', 'authCode', 'transId', 'accountNumber'],
  properties: {
    responseCode: { enum: ['1', '2', '3', '4'] },
    authCode: { type: 'string', pattern: '^[A-Z0-9]{0,6}$' },
    transId: numeric,
    accountNumber: masked,
    errors: { type: 'array', items: object({ errorCode: numeric, errorText: text(255) }, ['errorCode']) },
  },
};
const summary = {
  ...{ type: 'object', required: ['transId', 'submitTimeUTC', 'transactionStatus'] },
  properties: { transId: numeric, invoiceNumber: text(20), accountNumber: masked },
};

/** What an answer must be; every kind of answer has `messages`, and these where it has them. */
export const ANSWER = {
  ...{ type: 'object', required: ['messages'] },
  properties: {
    ...{ messages, transactionResponse, refId: text(20), transactions: { type: 'array', items: summary } },
    batchList: { type: 'array', items: { type: 'object', required: ['batchId', 'settlementTimeUTC'] } },
    customerProfileId: numeric,
    customerPaymentProfileIdList: { type: 'array', items: numeric },
    transaction: {
      ...{ type: 'object', required: ['transId', 'transactionStatus', 'responseCode', 'settleAmount'] },
      properties: { transId: numeric, settleAmount: { type: 'number' } },
    },
  },
};
