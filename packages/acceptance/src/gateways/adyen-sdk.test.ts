import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import adyenClient from '@adyen/api-library/lib/src/client.js';
import { EnvironmentEnum } from '@adyen/api-library/lib/src/config.js';
import adyenHttp from '@adyen/api-library/lib/src/httpClient/httpURLConnectionClient.js';
import adyenCheckout from '@adyen/api-library/lib/src/services/checkout/index.js';
import { CardDetails } from '@adyen/api-library/lib/src/typings/checkout/cardDetails.js';
import { PaymentRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentRequest.js';
import adyenHmac from '@adyen/api-library/lib/src/utils/hmacValidator.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as x509 from '@peculiar/x509';
import { GATEWAY_KINDS, type Gateway } from '@sordino/payments';
import { ADYEN_TEST_CARD, type AdyenSimulator, startAdyenSimulator } from '@sordino/testkit';
import { type CaptureServer, startCaptureServer } from './capture-server.ts';
import { aCard, aRequest, aTrace, keepNothing, WAYS } from './support.ts';

/** Adyen's own library as oracle: the same call by it and by the connector, compared field by field; and its opinion on the simulator. */
// Only the parts that are needed: the whole library takes some thousand files.
const { default: Client } = adyenClient;
const { default: CheckoutAPI } = adyenCheckout;
const { default: HttpURLConnectionClient } = adyenHttp;
const { default: HmacValidator } = adyenHmac;
const merchantAccount = 'SordinoMOTO';
const apiKey = 'AQEyhmfxK-test';
const hmacKey = randomBytes(32).toString('hex');
const PSP = 'QFQTPCQ8HXSKGK82';
const { number, cvc } = ADYEN_TEST_CARD;

/** The library speaks TLS only: what it says is handed on in the clear. */
async function tlsBefore(target: () => number): Promise<TlsServer> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=oracle', keys });
  const secret = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = x509.PemConverter.encode(secret, 'private key');
  const handOn = (socket: TLSSocket): void => {
    const onward = connect(target(), '127.0.0.1');
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy());
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    socket.pipe(onward).pipe(socket);
  };
  const server = createServer({ cert: certificate.toString('pem'), key }, handOn);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

let capture: CaptureServer;
let simulator: AdyenSimulator;
let front: TlsServer;
let target = 0;
let connector: Gateway;
let sdk: InstanceType<typeof CheckoutAPI>;

beforeAll(async () => {
  capture = await startCaptureServer({ body: '{}' });
  simulator = await startAdyenSimulator({ apiKey, merchantAccount, hmacKey });
  front = await tlsBefore(() => target);
  const origin = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const config = { apiKey, environment: EnvironmentEnum.TEST, certificatePath: 'unencrypted' };
  // There is no option for another host: only the endpoint is another one, all else is the library's.
  const http = new HttpURLConnectionClient();
  sdk = new CheckoutAPI(
    new Client(config, {
      request: (endpoint, ...rest) =>
        http.request(endpoint.replace('https://checkout-test.adyen.com', origin), ...rest),
    }),
  );
  const kind = GATEWAY_KINDS.find(({ type }) => type === 'adyen');
  if (kind === undefined) throw new Error('there is no such kind of gateway');
  connector = kind.create({
    ...{ url: `${capture.url}/v72`, livemode: false, ways: WAYS },
    settings: { merchant_account: merchantAccount },
    secrets: { api_key: new TextEncoder().encode(apiKey) },
  });
});
afterAll(async () => {
  front.close();
  await simulator.close();
  await capture[Symbol.asyncDispose]();
});

/** What counts of a request. Left out on purpose: what the library says of itself, `cache-control`, `accept-charset` and our `accept`. */
function wire() {
  const { method, url, headers, body } = capture.take();
  return {
    ...{ method, url, body: body === '' ? null : (JSON.parse(body) as unknown) },
    apiKey: headers['x-api-key'],
    key: headers['idempotency-key'],
    // A GET of the library says what it does not send.
    type: method === 'GET' ? undefined : headers['content-type'],
  };
}

async function bySdk(call: () => Promise<unknown>) {
  target = capture.port;
  await call();
  return wire();
}
async function byConnector(call: () => Promise<unknown> | undefined) {
  await call();
  return wire();
}

const amount = { currency: 'GBP', value: 4_999 };
const payment = {
  ...{ merchantAccount, reference: 'chg_1', amount, returnUrl: 'https://telephone-order.invalid/' },
  ...{
    merchantOrderReference: 'INV-7',
    shopperInteraction: PaymentRequest.ShopperInteractionEnum.Moto,
  },
  paymentMethod: {
    ...{ type: CardDetails.TypeEnum.Scheme, number, cvc },
    ...{ expiryMonth: '03', expiryYear: '2030' },
  },
};
const key = { idempotencyKey: 'chg_1' };

describe('the connector sends what the official library sends', () => {
  it.each([
    ['charge', { captureDelayHours: 1 }],
    ['authorize', { additionalData: { manualCapture: 'true' } }],
    [
      'tokenize',
      {
        ...{ amount: { currency: 'GBP', value: 0 }, storePaymentMethod: true, shopperReference: 'chg_1' },
        recurringProcessingModel: PaymentRequest.RecurringProcessingModelEnum.UnscheduledCardOnFile,
      },
    ],
  ] as const)('to %s', async (type, fields) => {
    const expected = await bySdk(() => sdk.PaymentsApi.payments({ ...payment, ...fields }, key));
    const card = aCard(number, cvc, '', ADYEN_TEST_CARD.expiry);
    const sent = await byConnector(() => connector.charge(aRequest('chg_1', { type }), card, keepNothing));
    expect(sent).toEqual(expected);
    expect(sent.body).toMatchObject({ paymentMethod: { number } });
  });

  it.each([
    [
      'settle',
      'authorize',
      () =>
        sdk.ModificationsApi.captureAuthorisedPayment(
          PSP,
          { merchantAccount, amount, reference: 'stp_1' },
          { idempotencyKey: 'stp_1' },
        ),
    ],
    [
      'refund',
      'charge',
      () =>
        sdk.ModificationsApi.refundCapturedPayment(
          PSP,
          { merchantAccount, amount, reference: 'stp_1' },
          { idempotencyKey: 'stp_1' },
        ),
    ],
    [
      'void',
      'authorize',
      () =>
        sdk.ModificationsApi.cancelAuthorisedPaymentByPspReference(
          PSP,
          { merchantAccount, reference: 'stp_1' },
          { idempotencyKey: 'stp_1' },
        ),
    ],
    [
      'void',
      'charge',
      () =>
        sdk.ModificationsApi.refundOrCancelPayment(
          PSP,
          { merchantAccount, reference: 'stp_1' },
          { idempotencyKey: 'stp_1' },
        ),
    ],
  ] as const)('to %s an intent to %s', async (kind, type, call) => {
    const expected = await bySdk(call);
    const charge = aTrace('chg_1', { type });
    const sent = await byConnector(() =>
      connector.followUp?.({ kind, key: 'stp_1', charge, gatewayId: PSP, amount: 4_999 }),
    );
    expect(sent).toEqual(expected);
  });

  it('to cancel by our reference', async () => {
    const cancel = { merchantAccount, paymentReference: 'chg_1', reference: 'cnl_1' };
    const expected = await bySdk(() =>
      sdk.ModificationsApi.cancelAuthorisedPayment(cancel, { idempotencyKey: 'cnl_1' }),
    );
    expect(await byConnector(() => connector.cancel?.(aTrace('chg_1'), 'cnl_1'))).toEqual(expected);
  });

  it('to look up a saved card', async () => {
    const expected = await bySdk(() =>
      sdk.RecurringApi.getTokensForStoredPaymentDetails('chg_1', merchantAccount),
    );
    const sent = await byConnector(() => connector.query(aTrace('chg_1', { type: 'tokenize' })));
    const parsed = ({ url, ...rest }: typeof sent) => {
      const { pathname, searchParams } = new URL(url ?? '', 'http://adyen');
      return { ...rest, pathname, query: Object.fromEntries(searchParams) };
    };
    expect(parsed(sent)).toEqual(parsed(expected));
  });
});

describe('the official library', () => {
  const atSimulator = <T>(call: () => Promise<T>): Promise<T> => {
    target = Number(new URL(simulator.url).port);
    return call();
  };

  it('takes the simulator for Adyen', async () => {
    const paid = await atSimulator(() => sdk.PaymentsApi.payments(payment, key));
    expect(paid).toMatchObject({ resultCode: 'Authorised', merchantReference: 'chg_1', amount });
    const again = await atSimulator(() => sdk.PaymentsApi.payments(payment, key));
    expect(again.pspReference).toBe(paid.pspReference);
    const step = { merchantAccount, reference: 'stp_1' };
    const undone = await atSimulator(() =>
      sdk.ModificationsApi.refundOrCancelPayment(String(paid.pspReference), step),
    );
    expect(undone).toMatchObject({ status: 'received', paymentPspReference: paid.pspReference });
    expect(simulator.ledger().entries).toMatchObject([{ reference: 'chg_1', status: 'voided' }]);
  });

  it('finds errors of the simulator where Adyen has them', async () => {
    const wrong = { ...payment, paymentMethod: { ...payment.paymentMethod, number: '4242424242424242' } };
    await expect(atSimulator(() => sdk.PaymentsApi.payments(wrong))).rejects.toMatchObject({
      ...{ statusCode: 422, errorCode: '101' },
    });
  });

  it('verifies the simulator’s notices', async () => {
    const notices = await startCaptureServer({ body: '[accepted]' });
    simulator.notices.sendTo(notices.url);
    await atSimulator(() => sdk.PaymentsApi.payments({ ...payment, reference: 'chg_2' }));
    await simulator.notices.idle();
    const { notificationItems } = JSON.parse(notices.take().body);
    await notices[Symbol.asyncDispose]();
    const [{ NotificationRequestItem: item }] = notificationItems;
    expect(new HmacValidator().validateHMAC(item, hmacKey)).toBe(true);
    expect(new HmacValidator().validateHMAC({ ...item, success: 'false' }, hmacKey)).toBe(false);
  });
});
