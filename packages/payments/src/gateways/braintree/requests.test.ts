import { describe, expect, it } from '@jest/globals';
import { plainCardMemory } from '../../capture/card-memory.ts';
import type { ChargeRequest } from '../gateway.ts';
import { chargeBody, tokenizeBody } from './requests.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const aCard = (cvc: string, postalCode: string) => ({
  ...{
    number: bytes('4242424242424242'),
    expiry: bytes('0731'),
    cvc: bytes(cvc),
    postalCode: bytes(postalCode),
  },
});
const REQUEST: ChargeRequest = {
  ...{ key: 'chg_1', type: 'charge', amount: 4_999, currency: 'gbp', reference: 'INV "7" é' },
};
const parsed = (body: { readonly bytes: Uint8Array } | undefined): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(body?.bytes));
const NUMBER = { number: '4242424242424242', expiration_month: '07', expiration_year: '2031' };

describe('a request to Braintree', () => {
  it.each([
    ['', '', {}, undefined],
    ['1234', '', { cvv: '1234' }, undefined],
    ['123', '46201', { cvv: '123' }, { postal_code: '46201' }],
  ])('with security code "%s" and postal code "%s"', (cvc, zip, cvv, address) => {
    const card = aCard(cvc, zip);
    expect(parsed(chargeBody(REQUEST, 'a "b"', card, plainCardMemory))).toEqual({
      transaction: {
        ...{ type: 'sale', amount: '49.99', order_id: 'chg_1', transaction_source: 'moto' },
        ...{ merchant_account_id: 'a "b"', options: { submit_for_settlement: true } },
        credit_card: { ...NUMBER, ...cvv },
        ...(address === undefined ? {} : { billing: address }),
      },
    });
    expect(parsed(tokenizeBody(REQUEST, undefined, card, plainCardMemory))).toEqual({
      customer: {
        id: 'chg_1',
        credit_card: {
          ...{ ...NUMBER, ...cvv, options: { verify_card: true } },
          ...(address === undefined ? {} : { billing_address: address }),
        },
      },
    });
  });

  it('that does not fit is not made', () => {
    const key = 'x'.repeat(2_000);
    expect(chargeBody({ ...REQUEST, key }, undefined, aCard('', ''), plainCardMemory)).toBeUndefined();
  });
});
