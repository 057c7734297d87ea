import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { FakeScheduler } from '@sordino/core/testing';
import { aTrace, keepNothing } from '../../test-support/charge-trace.ts';
import type { CardBytes, ChargeRequest } from '../gateway.ts';
import type { HttpOutcome, HttpRequest } from '../http.ts';
import { gatewayUrl } from '../kind.ts';
import { ADYEN } from './adyen-gateway.ts';

const NUMBER = '4111111111111111';
const REQUEST: ChargeRequest = {
  ...{ key: 'chg_1', type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV "7" é' },
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const aCard = (cvc = '737', postalCode = ''): CardBytes => ({
  ...{ number: bytes(NUMBER), expiry: bytes('0330') },
  ...{ cvc: bytes(cvc), postalCode: bytes(postalCode) },
});
const answered = (status: number, body: unknown): HttpOutcome => ({
  ...{ kind: 'answered', status },
  body: bytes(typeof body === 'string' ? body : JSON.stringify(body)),
});
const AUTHORISED = answered(200, {
  ...{ resultCode: 'Authorised', pspReference: 'QFQTPCQ8HXSKGK82' },
  additionalData: { authCode: '065696' },
});
const RECEIVED = answered(201, { status: 'received', pspReference: 'MODPCQ8HXSKGK82' });

interface Sent {
  readonly request: HttpRequest;
  readonly body: Record<string, unknown>;
}

/** The client with everything that it sends, as text: its own bytes are wiped when the promise settles. */
function anAdyen(
  answer: HttpOutcome | Error = AUTHORISED,
  settings: Record<string, string> = {},
  livemode = false,
) {
  const sent: Sent[] = [];
  const gateway = ADYEN.create({
    ...{ url: 'https://checkout-test.adyen.com/v72', livemode },
    settings: { merchant_account: 'SordinoMOTO', ...settings },
    secrets: { api_key: bytes('AQE-key') },
    ways: {
      clock: new FakeScheduler(1_790_000_000_000),
      hmac: (hash, key, ...parts) =>
        createHmac(hash, key)
          .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
          .digest(),
      digest: (hash, ...parts) =>
        createHash(hash)
          .update(Buffer.concat(parts.map((part) => Buffer.from(part))))
          .digest(),
      fetchBytes: async (request) => {
        const text = new TextDecoder().decode(request.body);
        sent.push({ request, body: text === '' ? {} : JSON.parse(text) });
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  });
  return { gateway, sent };
}

describe('a payment', () => {
  it('is one call with card, amount, our reference as idempotency key, and Moto', async () => {
    const { gateway, sent } = anAdyen();
    expect(await gateway.charge(REQUEST, aCard(), keepNothing)).toEqual({
      ...{ kind: 'approved', authCode: '065696', token: null, gatewayId: 'QFQTPCQ8HXSKGK82' },
    });
    expect(sent).toMatchObject([
      {
        request: {
          ...{ method: 'POST', url: 'https://checkout-test.adyen.com/v72/payments' },
          headers: { 'x-api-key': 'AQE-key', 'idempotency-key': 'chg_1', 'content-type': 'application/json' },
        },
      },
    ]);
    expect(sent[0]?.body).toEqual({
      ...{ merchantAccount: 'SordinoMOTO', reference: 'chg_1', merchantOrderReference: 'INV "7" é' },
      ...{ amount: { currency: 'GBP', value: 4_999 }, shopperInteraction: 'Moto', captureDelayHours: 1 },
      returnUrl: 'https://telephone-order.invalid/',
      paymentMethod: { type: 'scheme', number: NUMBER, expiryMonth: '03', expiryYear: '2030', cvc: '737' },
    });
  });

  it.each([
    ['charge', { captureDelayHours: 1 }],
    ['authorize', { additionalData: { manualCapture: 'true' } }],
    [
      'tokenize',
      {
        ...{ amount: { currency: 'GBP', value: 0 }, storePaymentMethod: true, shopperReference: 'chg_1' },
        recurringProcessingModel: 'UnscheduledCardOnFile',
      },
    ],
  ] as const)('may be to %s', async (type, fields) => {
    const { gateway, sent } = anAdyen();
    await gateway.charge({ ...REQUEST, type }, aCard(), keepNothing);
    expect(sent[0]?.body).toMatchObject(fields);
  });

  it('says nothing of what was not collected, and the little that is known of an address', async () => {
    const { gateway, sent } = anAdyen(AUTHORISED, { billing_country: 'US' });
    await gateway.charge({ ...REQUEST, reference: null }, aCard('', '94107'), keepNothing);
    expect(sent[0]?.body).not.toHaveProperty('merchantOrderReference');
    expect(sent[0]?.body).toMatchObject({
      paymentMethod: { type: 'scheme', number: NUMBER, expiryMonth: '03', expiryYear: '2030' },
      billingAddress: {
        city: 'N/A',
        country: 'US',
        houseNumberOrName: 'N/A',
        street: 'N/A',
        postalCode: '94107',
      },
    });
    expect(sent[0]?.body.paymentMethod).not.toHaveProperty('cvc');
  });

  it.each([
    [4_999, 'jpy', 4_999],
    [4_999, 'bhd', 4_999],
    [5_000, 'isk', 500_000],
    [5_000, 'clp', 500_000],
    [500_000, 'idr', 5_000],
    [500_000, 'cve', 5_000],
  ])('of %d in %s is counted as Adyen counts it: %d', async (amount, currency, value) => {
    const { gateway, sent } = anAdyen();
    await gateway.charge({ ...REQUEST, amount, currency }, aCard(), keepNothing);
    expect(sent[0]?.body.amount).toEqual({ currency: currency.toUpperCase(), value });
  });

  it.each([
    ['in a coin that Adyen does not have', { amount: 50, currency: 'idr' }, 'amount_not_possible'],
    ['with a reference too long', { reference: '\u0001'.repeat(1_000) }, 'request_too_large'],
  ])('%s is not sent at all', async (_what, change, code) => {
    const { gateway, sent } = anAdyen();
    expect(await gateway.charge({ ...REQUEST, ...change }, aCard(), keepNothing)).toEqual({
      kind: 'failed',
      code,
    });
    expect(sent).toEqual([]);
  });

  it.each([
    ['answered', AUTHORISED],
    ['lost', { kind: 'lost', code: 'ECONNRESET' } as const],
    ['broken by a bug', new Error('bug')],
  ])('leaves no digit behind when it is %s', async (_how, answer) => {
    const { gateway, sent } = anAdyen(answer);
    await gateway.charge({ ...REQUEST, reference: 'x'.repeat(255) }, aCard('737', '12345'), keepNothing);
    expect(sent[0]?.body).toMatchObject({ paymentMethod: { number: NUMBER } });
    expect(new Set(sent[0]?.request.body)).toEqual(new Set([0]));
  });

  it('whose transport broke may have been made', async () => {
    const { gateway } = anAdyen(new Error('bug'));
    expect(await gateway.charge(REQUEST, aCard(), keepNothing)).toEqual({
      kind: 'unknown',
      code: 'answer_lost',
    });
  });
});

describe('later steps', () => {
  const psp = 'QFQTPCQ8HXSKGK82';
  it.each([
    ['settle', 'authorize', `/payments/${psp}/captures`, { amount: { currency: 'GBP', value: 2_000 } }],
    ['refund', 'charge', `/payments/${psp}/refunds`, { amount: { currency: 'GBP', value: 2_000 } }],
    ['void', 'authorize', `/payments/${psp}/cancels`, {}],
    ['void', 'charge', `/payments/${psp}/reversals`, {}],
  ] as const)('%s of an intent to %s', async (kind, type, path, fields) => {
    const { gateway, sent } = anAdyen(RECEIVED);
    const charge = aTrace('chg_1', { type });
    expect(await gateway.followUp?.({ kind, key: 'stp_1', charge, gatewayId: psp, amount: 2_000 })).toEqual({
      kind: 'pending',
      gatewayId: 'MODPCQ8HXSKGK82',
    });
    expect(sent[0]?.request).toMatchObject({
      ...{ method: 'POST', url: `https://checkout-test.adyen.com/v72${path}` },
      headers: { 'idempotency-key': 'stp_1' },
    });
    expect(sent[0]?.body).toEqual({ merchantAccount: 'SordinoMOTO', reference: 'stp_1', ...fields });
  });

  it('a cancel by our reference needs nothing of Adyen', async () => {
    const { gateway, sent } = anAdyen(RECEIVED);
    expect(await gateway.cancel?.(aTrace('chg_1'), 'cnl_1')).toEqual({
      kind: 'pending',
      gatewayId: 'MODPCQ8HXSKGK82',
    });
    expect(sent[0]).toMatchObject({
      request: {
        url: 'https://checkout-test.adyen.com/v72/cancels',
        headers: { 'idempotency-key': 'cnl_1' },
      },
      body: { merchantAccount: 'SordinoMOTO', paymentReference: 'chg_1', reference: 'cnl_1' },
    });
  });

  it('cannot leave the path of their payment', async () => {
    const { gateway, sent } = anAdyen(RECEIVED);
    await gateway.followUp?.({
      kind: 'void',
      key: 'stp_1',
      charge: aTrace('chg_1'),
      gatewayId: '../x?y',
      amount: 1,
    });
    expect(sent[0]?.request.url).toBe('https://checkout-test.adyen.com/v72/payments/..%2Fx%3Fy/reversals');
  });

  it('a saved card is looked up by its shopper, a payment cannot be', async () => {
    const { gateway, sent } = anAdyen(answered(200, { storedPaymentMethods: [{ id: 'TOKEN1' }] }));
    expect(await gateway.query(aTrace('chg_1', { type: 'tokenize' }))).toEqual({
      ...{ kind: 'approved', authCode: null, token: 'TOKEN1' },
    });
    expect(sent[0]?.request).toMatchObject({
      method: 'GET',
      url: 'https://checkout-test.adyen.com/v72/storedPaymentMethods?merchantAccount=SordinoMOTO&shopperReference=chg_1',
    });
    expect(await gateway.query(aTrace('chg_1'))).toEqual({ kind: 'unknown', code: 'not_to_be_looked_up' });
    expect(sent).toHaveLength(1);
  });
});

describe('an account', () => {
  it.each([
    [{ capture_delay_hours: '673' }, 'capture_delay_hours must be 0 to 672'],
    [{ capture_delay_hours: '-1' }, 'capture_delay_hours must be'],
    [{ capture_delay_hours: '' }, 'capture_delay_hours must be'],
    [{ billing_country: 'gb' }, 'billing_country must be two capital letters'],
  ])('with %j is refused', (settings, message) => {
    expect(() => anAdyen(AUTHORISED, settings)).toThrow(message);
  });

  it('asks for refusals on the test system only', async () => {
    const { gateway, sent } = anAdyen(AUTHORISED, { test_response_code: '12', capture_delay_hours: '0' });
    await gateway.charge(REQUEST, aCard(), keepNothing);
    expect(sent[0]?.body).toMatchObject({
      captureDelayHours: 0,
      additionalData: { RequestedTestAcquirerResponseCode: '12' },
    });
    expect(() => anAdyen(AUTHORISED, { test_response_code: '12' }, true)).toThrow(
      'test_response_code is for the test system',
    );
  });

  it('has a live host of its own', () => {
    const settings = { live_prefix: '1797a841fbb37ca7-Sordino' };
    expect(gatewayUrl(ADYEN, { url: undefined, livemode: true, settings })).toBe(
      'https://1797a841fbb37ca7-Sordino-checkout-live.adyenpayments.com/checkout/v72',
    );
  });

  it.each(['nothex', 'abc', '00ff'])('with the key of signatures %s is refused', (key) => {
    expect(() =>
      ADYEN.create({
        ...{ url: 'https://checkout-test.adyen.com/v72', livemode: false, ways: anyWays },
        settings: { merchant_account: 'SordinoMOTO' },
        secrets: { api_key: bytes('k'), hmac_key: bytes(key) },
      }),
    ).toThrow('hmac_key must be the hexadecimal key');
  });
});

const anyWays = {
  clock: new FakeScheduler(0),
  hmac: () => new Uint8Array(32),
  digest: () => new Uint8Array(32),
  fetchBytes: async () => AUTHORISED,
};
