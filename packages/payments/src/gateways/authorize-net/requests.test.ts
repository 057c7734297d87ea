import { describe, expect, it } from '@jest/globals';
import { plainCardMemory } from '../../capture/card-memory.ts';
import type { ChargeRequest } from '../gateway.ts';
import { chargeBody, referenceOf, tokenizeBody } from './requests.ts';

const LOGIN = { name: 'login', transactionKey: 'k"ey' };
const bytes = (text: string) => new TextEncoder().encode(text);
const aCard = (cvc: string, postalCode: string) => ({
  ...{
    number: bytes('4242424242424242'),
    expiry: bytes('0731'),
    cvc: bytes(cvc),
    postalCode: bytes(postalCode),
  },
});
const request = (change: Partial<ChargeRequest> = {}): ChargeRequest => ({
  ...{ key: 'chg_1', type: 'charge', amount: 5_000, currency: 'jpy', reference: 'INV "7" é' },
  ...change,
});
const parsed = (body: { readonly bytes: Uint8Array } | undefined): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(body?.bytes));

describe('a request to Authorize.Net', () => {
  it('is JSON with the digits in it, whatever was collected and however long the texts are', () => {
    for (const cvc of ['', '123', '1234'])
      for (const zip of ['', '46201'])
        for (const reference of [null, '{"a":1}', '\u0001'.repeat(255)]) {
          const body = chargeBody(LOGIN, request({ reference }), aCard(cvc, zip), plainCardMemory);
          expect(parsed(body)).toMatchObject({
            createTransactionRequest: {
              merchantAuthentication: LOGIN,
              transactionRequest: {
                ...{ amount: '5000', currencyCode: 'JPY' },
                payment: {
                  creditCard: {
                    ...{ cardNumber: '4242424242424242', expirationDate: '2031-07' },
                    ...(cvc === '' ? {} : { cardCode: cvc }),
                  },
                },
                order: { invoiceNumber: 'chg_1', ...(reference === null ? {} : { description: reference }) },
                ...(zip === '' ? {} : { billTo: { zip } }),
                retail: { marketType: '1' },
              },
            },
          });
          const text = new TextDecoder().decode(body?.bytes);
          expect([text.includes('cardCode'), text.includes('billTo')]).toEqual([cvc !== '', zip !== '']);
          const saved = parsed(tokenizeBody(LOGIN, request({ reference }), aCard(cvc, zip), plainCardMemory));
          expect(saved).toMatchObject({
            createCustomerProfileRequest: {
              profile: { paymentProfiles: [{ payment: { creditCard: { cardNumber: '4242424242424242' } } }] },
              validationMode: 'liveMode',
            },
          });
        }
  });

  it('that does not fit is not made', () => {
    const reference = 'x'.repeat(5_000);
    expect(chargeBody(LOGIN, request({ reference }), aCard('123', ''), plainCardMemory)).toBeUndefined();
  });

  it.each([
    ['chg_1', 'chg_1'],
    ['chg_0123456789abcdefghjkmnpqrs', '6789abcdefghjkmnpqrs'],
  ])('knows %s by %s', (key, reference) => expect(referenceOf(key)).toBe(reference));
});
