import { describe, expect, it } from '@jest/globals';
import { type CardNumberPolicy, judgeCardNumber } from './card-number.ts';
import { TEST_CARD_NUMBERS } from './test-numbers.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const live: CardNumberPolicy = { livemode: true, acceptedBrands: 'any' };
const test: CardNumberPolicy = { livemode: false, acceptedBrands: 'any' };

describe('a card number', () => {
  it.each([...TEST_CARD_NUMBERS])('%s is taken in test mode and live', (number) => {
    expect(judgeCardNumber(bytes(number), test).ok).toBe(true);
    expect(judgeCardNumber(bytes(number), live).ok).toBe(true);
  });

  it.each([
    ['', 'length'],
    ['424242424242424', 'length'],
    ['42424242424242424', 'length'],
    ['3782822463100050', 'length'],
    ['4242424242424241', 'checksum'],
    ['4422442244224411', 'doubled'],
    ['4242 42424242424', 'length'],
    ['424242424242424x', 'length'],
    ['55555555555544440', 'length'],
  ])('"%s" is refused: %s', (number, why) => {
    expect(judgeCardNumber(bytes(number), live)).toEqual({ ok: false, why });
  });

  it('of a real card is refused in test mode and taken live', () => {
    expect(judgeCardNumber(bytes('4012888888881881'), live)).toEqual({ ok: true, brand: 'visa' });
    expect(judgeCardNumber(bytes('4012888888881881'), test)).toEqual({ ok: false, why: 'not_a_test_card' });
  });

  it('of a brand that the tenant does not take is refused as such', () => {
    const policy = { livemode: true, acceptedBrands: ['visa'] } as const;
    expect(judgeCardNumber(bytes('378282246310005'), policy)).toEqual({ ok: false, why: 'brand_refused' });
    expect(judgeCardNumber(bytes('9420000000000003'), policy)).toEqual({ ok: false, why: 'brand_refused' });
    expect(judgeCardNumber(bytes('4242424242424242'), policy).ok).toBe(true);
  });

  it('of no listed brand is taken on length and checksum alone', () => {
    expect(judgeCardNumber(bytes('9420000000000003'), live)).toEqual({ ok: true, brand: 'unknown' });
    expect(judgeCardNumber(bytes('9420000000000004'), live)).toEqual({ ok: false, why: 'checksum' });
  });

  it('of UnionPay need not pass Luhn', () => {
    expect(judgeCardNumber(bytes('6205500000000000003'), live)).toEqual({ ok: true, brand: 'unionpay' });
  });
});
