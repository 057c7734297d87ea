import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GATEWAY_KINDS, type Gateway } from '@sordino/payments';
import { type BraintreeSimulator, startBraintreeSimulator } from '@sordino/testkit';
import { BraintreeGateway, Environment, type SdkFound } from 'braintree';
import { type CaptureServer, startCaptureServer } from './capture-server.ts';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/*
 * The official SDK as the oracle. What differs on purpose: the SDK takes compressed answers (`accept-encoding`), names itself
 * (`user-agent`), and does not say that the connection is closed after the answer.
 */
const KEY = 'chg_0123456789abcdefghjkmnpqrs';
const SETTINGS = { merchant_id: 'merchant', public_key: 'public', currency: 'gbp' };
const CARD = { number: '4111111111111111', expirationMonth: '12', expirationYear: '2030', cvv: '123' };
const card = () => aCard('4111111111111111', '123', '46201');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const sdkAt = (port: string): BraintreeGateway =>
  new BraintreeGateway({
    environment: new Environment('127.0.0.1', port, '', false, '', 0),
    ...{ merchantId: 'merchant', publicKey: 'public', privateKey: 'private' },
  });
function connectorAt(url: string, settings: Partial<Record<string, string>> = {}): Gateway {
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'braintree');
  if (kind === undefined) throw new Error('braintree is not registered');
  const secrets = { private_key: bytes('private') };
  return kind.create({ url, livemode: false, settings: { ...SETTINGS, ...settings }, secrets, ways: WAYS });
}

describe("the connector's requests and the official SDK's", () => {
  let capture: CaptureServer;
  let sdk: BraintreeGateway;
  let status = '';
  beforeAll(async () => {
    // Enough for the connector to go on to the request in question.
    capture = await startCaptureServer(({ method, url = '' }) => {
      if (method !== 'GET') return '<nothing/>';
      return url.includes('/customers/')
        ? '<customer><id>c</id></customer>'
        : `<transaction><id>abc123</id><status>${status}</status><type>sale</type></transaction>`;
    });
    sdk = sdkAt(String(capture.port));
  });
  afterAll(async () => await capture[Symbol.asyncDispose]());

  async function compare(
    ours: (gateway: Gateway) => unknown,
    theirs: () => unknown,
    settings?: Record<string, string>,
  ) {
    await ours(connectorAt(capture.url, settings));
    const own = capture.take();
    await theirs();
    const asked = capture.take();
    const parsed = (body: string): unknown => (body === '' ? undefined : JSON.parse(body));
    expect(parsed(own.body)).toEqual(parsed(asked.body));
    const told = ({ method, url, headers }: typeof own) => {
      const { accept, authorization, 'content-type': type, 'x-apiversion': version } = headers;
      return { method, url, accept, authorization, type, version };
    };
    expect(told(own)).toEqual(told(asked));
  }

  it.each([
    ['charge', true],
    ['authorize', false],
  ] as const)('%s', async (type, submitForSettlement) => {
    await compare(
      (gateway) => gateway.charge(aRequest(KEY, { type }), card(), keepNothing),
      () =>
        sdk.transaction.sale({
          ...{ amount: '49.99', orderId: KEY, transactionSource: 'moto', creditCard: { ...CARD } },
          ...{ billing: { postalCode: '46201' }, options: { submitForSettlement } },
        }),
    );
  });

  it('a charge by a named merchant account, without what was not collected', async () => {
    const { cvv: _, ...creditCard } = CARD;
    await compare(
      (gateway) => gateway.charge(aRequest(KEY), aCard('4111111111111111', ''), keepNothing),
      () =>
        sdk.transaction.sale({
          ...{ amount: '49.99', orderId: KEY, transactionSource: 'moto', creditCard },
          ...{ merchantAccountId: 'centre', options: { submitForSettlement: true } },
        }),
      { merchant_account_id: 'centre' },
    );
  });

  it('tokenize', async () => {
    await compare(
      (gateway) => gateway.charge(aRequest(KEY, { type: 'tokenize' }), card(), keepNothing),
      () =>
        sdk.customer.create({
          id: KEY,
          creditCard: {
            ...{ ...CARD, billingAddress: { postalCode: '46201' } },
            options: { verifyCard: true, verificationMerchantAccountId: 'centre' },
          },
        }),
      { merchant_account_id: 'centre' },
    );
  });

  it.each([
    ['settle', 'authorized', () => sdk.transaction.submitForSettlement('abc123', '30.00')],
    ['void', 'authorized', () => sdk.transaction.void('abc123')],
    ['refund', 'settled', () => sdk.transaction.refund('abc123', { amount: '30.00', orderId: KEY })],
  ] as const)('%s', async (kind, asItIs, theirs) => {
    status = asItIs;
    await compare(
      (gateway) =>
        gateway.followUp?.({ kind, key: KEY, charge: aTrace('c'), gatewayId: 'abc123', amount: 3_000 }),
      theirs,
    );
  });

  it('the search for a lost charge', async () => {
    await compare(
      (gateway) => gateway.query(aTrace(KEY)),
      () =>
        new Promise<void>((done) => {
          sdk.transaction.search(
            (search) => search.orderId().is(KEY),
            () => done(),
          );
        }),
    );
  });

  it('the saved card that is looked for', async () => {
    await compare(
      (gateway) => gateway.query(aTrace(KEY, { type: 'tokenize' })),
      () => sdk.customer.find(KEY),
    );
  });
});

describe("the simulator's answers and notices, as the official SDK reads them", () => {
  let simulator: BraintreeSimulator;
  let sdk: BraintreeGateway;
  beforeAll(async () => {
    simulator = await startBraintreeSimulator();
    sdk = sdkAt(new URL(simulator.url).port);
  });
  afterAll(() => simulator.close());

  const sale = (orderId: string, amount = '10.00') =>
    sdk.transaction.sale({
      ...{ amount, orderId, transactionSource: 'moto', creditCard: { ...CARD } },
      options: { submitForSettlement: true },
    });

  it('an approval, a decline, a duplicate, a validation error, a search', async () => {
    const approved = await sale('sdk-1');
    expect(approved).toMatchObject({
      success: true,
      transaction: { status: 'submitted_for_settlement', orderId: 'sdk-1', currencyIsoCode: 'GBP' },
    });
    expect(await sale('sdk-2', '2010.00')).toMatchObject({
      success: false,
      transaction: { status: 'processor_declined', processorResponseCode: '2010' },
    });
    expect(await sale('sdk-1')).toMatchObject({
      transaction: { status: 'gateway_rejected', gatewayRejectionReason: 'duplicate' },
    });
    const invalid = await sdk.transaction.sale({
      ...{ amount: '1.00', creditCard: { ...CARD, number: '4000056655665556' } },
    });
    expect(invalid.errors?.deepErrors().map(({ code }) => code)).toEqual(['81715']);
    const found = await new Promise<SdkFound>((resolve, reject) => {
      sdk.transaction.search(
        (search) => search.orderId().is('sdk-1'),
        (error, results) => (error === null ? resolve(results) : reject(error)),
      );
    });
    expect(found.ids).toHaveLength(2);
    expect(await sdk.transaction.find(found.ids[1] ?? '')).toMatchObject({ orderId: 'sdk-1', refundIds: [] });
  });

  it('a saved card', async () => {
    expect(
      await sdk.customer.create({ id: 'sdk-save', creditCard: { ...CARD, options: { verifyCard: true } } }),
    ).toMatchObject({ success: true, customer: { id: 'sdk-save', creditCards: [{ last4: '1111' }] } });
  });

  it('a notice', async () => {
    await using receiver = await startCaptureServer();
    simulator.notices.sendTo(receiver.url);
    await sale('sdk-3', '11.00');
    simulator.settleBatch();
    await simulator.notices.idle();
    const form = new URLSearchParams(receiver.take().body);
    const read = await sdk.webhookNotification.parse(
      form.get('bt_signature') ?? '',
      form.get('bt_payload') ?? '',
    );
    expect(read).toMatchObject({ kind: 'transaction_disbursed', transaction: { orderId: 'sdk-3' } });
  });

  it("the SDK's own sample of a notice is read by the connector, and one changed byte is not", async () => {
    const { bt_signature, bt_payload } = await sdk.webhookTesting.sampleNotification(
      'transaction_settled',
      'abc123',
    );
    const gateway = connectorAt(simulator.url, { currency: 'usd' });
    const read = (payload: string) =>
      gateway.notices?.({
        headers: {},
        body: bytes(new URLSearchParams({ bt_signature, bt_payload: payload }).toString()),
        nowMs: Date.now(),
      });
    expect(read(bt_payload)).toMatchObject({
      kind: 'read',
      items: [
        {
          about: { gatewayId: 'abc123' },
          tells: { of: 'charge', outcome: { kind: 'approved', gatewayId: 'abc123' } },
        },
      ],
    });
    expect(read(bt_payload.replace(/.$/m, 'A'))).toEqual({ kind: 'refused', code: 'bad_signature' });
  });
});
