import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GATEWAY_KINDS, type Gateway } from '@sordino/payments';
import { type AuthorizeNetSimulator, startAuthorizeNetSimulator } from '@sordino/testkit';
import { APIContracts, APIControllers, type RequestContract } from 'authorizenet';
import { type CaptureServer, startCaptureServer } from './capture-server.ts';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/*
 * The official SDK as the oracle. What differs on purpose: the SDK adds `clientId` (its name and version) at the end of every request, sends a
 * user agent, and leaves the connection open.
 */
const KEY = 'chg_0123456789abcdefghjkmnpqrs';
const REF = '6789abcdefghjkmnpqrs';
const PATH = '/xml/v1/request.api';

function make(name: string, members: Readonly<Record<string, unknown>> = {}): RequestContract {
  const Contract = APIContracts[name];
  if (Contract === undefined) throw new Error(`the SDK has no ${name}`);
  const made = new Contract();
  for (const [member, value] of Object.entries(members))
    made[`set${member.charAt(0).toUpperCase()}${member.slice(1)}`]?.(value);
  return made;
}

/** Runs a request of the SDK's against a server and gives its answer as the SDK read it. */
async function run(controller: string, request: RequestContract, url: string): Promise<object> {
  const Controller = APIControllers[controller];
  if (Controller === undefined) throw new Error(`the SDK has no ${controller}`);
  const call = new Controller(request.getJSON());
  call.setEnvironment(`${url}${PATH}`);
  await new Promise<void>((done) => call.execute(done));
  return call.getResponse();
}

const merchantAuthentication = make('MerchantAuthenticationType', { name: 'login', transactionKey: 'key' });
const creditCard = () =>
  make('CreditCardType', {
    ...{ cardNumber: '4111111111111111', expirationDate: '2030-12', cardCode: '123' },
  });
const payment = () => make('PaymentType', { creditCard: creditCard() });
const window = () => ({
  setting: [make('SettingType', { settingName: 'duplicateWindow', settingValue: '28800' })],
});
const userFields = (key: string) => ({
  userField: [make('UserField', { name: 'reference', value: key })],
});
const transaction = (refId: string, members: Readonly<Record<string, unknown>>) =>
  make('CreateTransactionRequest', {
    ...{ merchantAuthentication, refId },
    transactionRequest: make('TransactionRequestType', members),
  });

const card = () => aCard('4111111111111111', '123', '46201');

describe("the connector's requests and the official SDK's", () => {
  let capture: CaptureServer;
  let gateway: Gateway;
  let status = '';
  let lists: object = {};
  /** Enough for the connector to go on to the request in question. */
  const answerTo = (body: string): object => {
    const messages = { resultCode: 'Ok', message: [{ code: 'I00001', text: '' }] };
    if (body.includes('getTransactionDetailsRequest'))
      return {
        messages,
        transaction: {
          ...{ transId: '60123456789', transactionStatus: status, settleAmount: 0 },
          payment: { creditCard: { cardNumber: 'XXXX1111' } },
        },
      };
    return body.startsWith('{"get') ? lists : {};
  };
  beforeAll(async () => {
    capture = await startCaptureServer(({ body }) => JSON.stringify(answerTo(body)));
    gateway = open(capture.url);
  });
  afterAll(async () => await capture[Symbol.asyncDispose]());

  /** Texts are compared, not only members: their order is the gateway's XML schema. */
  async function compare(ours: () => Promise<unknown>, controller: string, request: RequestContract) {
    await ours();
    const own = capture.take();
    await run(controller, request, capture.url);
    const theirs = capture.take();
    const [[root, members] = ['', {}]] = Object.entries(JSON.parse(theirs.body) as object) as [
      string,
      Record<string, unknown>,
    ][];
    const { clientId, ...rest } = members;
    expect(clientId).toMatch(/^sdk-node-/);
    expect(JSON.stringify(JSON.parse(own.body))).toBe(JSON.stringify({ [root]: rest }));
    expect([own.method, own.url, own.headers['content-type']]).toEqual([
      theirs.method,
      theirs.url,
      theirs.headers['content-type'],
    ]);
  }

  it.each([
    ['charge', 'authCaptureTransaction'],
    ['authorize', 'authOnlyTransaction'],
  ] as const)('%s', async (type, transactionType) => {
    await compare(
      () => gateway.charge(aRequest(KEY, { type }), card(), keepNothing),
      'CreateTransactionController',
      transaction(REF, {
        ...{ transactionType, amount: '49.99', currencyCode: 'GBP', payment: payment() },
        order: make('OrderType', { invoiceNumber: REF, description: 'INV-7' }),
        billTo: make('CustomerAddressType', { zip: '46201' }),
        retail: make('TransRetailInfoType', { marketType: '1' }),
        transactionSettings: window(),
        userFields: userFields(KEY),
      }),
    );
  });

  it('tokenize', async () => {
    const profile = make('CustomerPaymentProfileType', {
      billTo: make('CustomerAddressType', { zip: '46201' }),
      payment: payment(),
    });
    await compare(
      () => gateway.charge(aRequest(KEY, { type: 'tokenize' }), card(), keepNothing),
      'CreateCustomerProfileController',
      make('CreateCustomerProfileRequest', {
        ...{ merchantAuthentication, refId: REF },
        profile: make('CustomerProfileType', {
          ...{ merchantCustomerId: REF, description: KEY, paymentProfiles: [profile] },
        }),
        validationMode: 'liveMode',
      }),
    );
  });

  it.each([
    [
      'settle',
      'authorizedPendingCapture',
      { transactionType: 'priorAuthCaptureTransaction', amount: '30.00' },
    ],
    ['void', 'capturedPendingSettlement', { transactionType: 'voidTransaction' }],
    [
      'refund',
      'settledSuccessfully',
      {
        ...{ transactionType: 'refundTransaction', amount: '30.00', currencyCode: 'GBP' },
        payment: make('PaymentType', {
          creditCard: make('CreditCardType', { cardNumber: '1111', expirationDate: 'XXXX' }),
        }),
        order: make('OrderType', { invoiceNumber: REF }),
        ...{ transactionSettings: window(), userFields: userFields(KEY) },
      },
    ],
  ] as const)('%s', async (kind, asItIs, members) => {
    status = asItIs;
    lists = { messages: { resultCode: 'Ok', message: [] } };
    await compare(
      async () =>
        await gateway.followUp?.({
          ...{ kind, key: KEY, charge: aTrace('chg_1'), gatewayId: '60123456789', amount: 3_000 },
        }),
      'CreateTransactionController',
      transaction(REF, { ...members, refTransId: '60123456789' }),
    );
  });

  it('the list that a lost charge is looked for in', async () => {
    lists = {};
    await compare(
      () => gateway.query(aTrace(KEY)),
      'GetUnsettledTransactionListController',
      make('GetUnsettledTransactionListRequest', {
        merchantAuthentication,
        sorting: make('TransactionListSorting', { orderBy: 'submitTimeUTC', orderDescending: true }),
        paging: make('Paging', { limit: 400, offset: 1 }),
      }),
    );
  });

  it('the saved card that is looked for', async () => {
    await compare(
      () => gateway.query(aTrace(KEY, { type: 'tokenize' })),
      'GetCustomerProfileController',
      make('GetCustomerProfileRequest', { merchantAuthentication, merchantCustomerId: REF }),
    );
  });
});

describe("the simulator's answers, as the official SDK reads them", () => {
  let simulator: AuthorizeNetSimulator;
  beforeAll(async () => {
    simulator = await startAuthorizeNetSimulator();
  });
  afterAll(() => simulator.close());

  it('an approval, a decline, a refusal', async () => {
    const charge = (refId: string, zip: string, amount = '10.00') =>
      transaction(refId, {
        ...{ transactionType: 'authCaptureTransaction', amount, payment: payment() },
        ...{ order: make('OrderType', { invoiceNumber: refId }) },
        billTo: make('CustomerAddressType', { zip }),
      });
    expect(await run('CreateTransactionController', charge('sdk-1', '46201'), simulator.url)).toMatchObject({
      ...{ refId: 'sdk-1', messages: { resultCode: 'Ok', message: [{ code: 'I00001' }] } },
      transactionResponse: { responseCode: '1', accountNumber: 'XXXX1111' },
    });
    expect(await run('CreateTransactionController', charge('sdk-2', '46282'), simulator.url)).toMatchObject({
      transactionResponse: { responseCode: '2', errors: [{ errorCode: '2' }] },
    });
    expect(
      await run('CreateTransactionController', charge('sdk-3', '46201', '-1'), simulator.url),
    ).toMatchObject({ messages: { resultCode: 'Error', message: [{ code: 'E00003' }] } });
    expect(simulator.report().entries).toMatchObject([
      { reference: 'sdk-1', status: 'approved' },
      { reference: 'sdk-2', status: 'declined' },
    ]);
  });
});

function open(url: string): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'authorize_net');
  if (kind === undefined) throw new Error('authorize_net is not registered');
  const transaction_key = new TextEncoder().encode('key');
  const settings = { api_login_id: 'login' };
  return kind.create({ url, livemode: false, settings, secrets: { transaction_key }, ways: WAYS });
}
