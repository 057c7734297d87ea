import { describe, expect, it } from '@jest/globals';
import { choicesOf, isOver, nextField } from './choices.ts';
import { minorUnitsOf, moneyWords } from './money.ts';
import { aField, aSession } from './test-support/scripted-client.ts';
import { bannerOf, fieldNote, maskOf, spokenProgress } from './words.ts';

describe('what is shown of a field', () => {
  it.each([
    [aField('card_number'), '', '0 digits received'],
    [aField('card_number', { length: 1 }), '•', '1 digit received'],
    [aField('card_number', { length: 7 }), '•••• •••', '7 digits received'],
    [
      aField('card_number', { length: 16, last4: '4242' }),
      '•••• •••• •••• 4242',
      '16 digits received, ending in 4 2 4 2',
    ],
    [
      aField('card_number', { length: 15, last4: '0005' }),
      '•••• •••• ••• 0005',
      '15 digits received, ending in 0 0 0 5',
    ],
    [aField('card_number', { state: 'wiped', last4: '4242' }), '•••• 4242', 'ending in 4 2 4 2'],
  ])('%j is %s', (field, mask, spoken) => {
    expect(maskOf(field)).toBe(mask);
    expect(spokenProgress(field)).toBe(spoken);
  });

  it('says its state, and why it was not accepted', () => {
    expect(fieldNote(aField('card_number', { state: 'captured', brand: 'visa' }))).toBe('complete · visa');
    expect(fieldNote(aField('expiry', { state: 'rejected', code: 'invalid_date' }))).toBe(
      'not accepted · the date is wrong or over',
    );
  });
});

describe('money', () => {
  it.each([
    ['49.99', 'gbp', 4_999, '49.99 GBP'],
    ['49,9', 'eur', 4_990, '49.90 EUR'],
    ['500', 'jpy', 500, '500 JPY'],
    ['1.234', 'bhd', 1_234, '1.234 BHD'],
    ['0.07', 'usd', 7, '0.07 USD'],
    // 1.1 * 3 and 4.35 * 100 are what binary fractions get wrong.
    ['4.35', 'usd', 435, '4.35 USD'],
  ])('%s %s is %d minor units', (text, currency, amount, words) => {
    expect(minorUnitsOf(text, currency)).toBe(amount);
    expect(moneyWords(amount, currency)).toBe(words);
  });

  it.each([
    ['', 'gbp'],
    ['-1', 'gbp'],
    ['1.234', 'gbp'],
    ['1.5', 'jpy'],
    ['1e5', 'gbp'],
    ['1.', 'gbp'],
    ['4242424242424242', 'gbp'],
    ['10', 'pounds'],
    ['10', ''],
  ])('%j %j is no amount', (text, currency) => expect(minorUnitsOf(text, currency)).toBeUndefined());
});

describe('what may be done', () => {
  it('lets no payment begin while another is under way or its outcome unknown', () => {
    expect(choicesOf(null).start).toBe(true);
    for (const status of ['awaiting_media', 'processing', 'unknown'] as const) {
      expect(choicesOf(aSession({ status, topology: 'restored' })).start).toBe(false);
    }
    for (const topology of ['engaging', 'engaged', 'restoring'] as const) {
      expect(choicesOf(aSession({ status: 'approved', topology })).start).toBe(false);
    }
    expect(choicesOf(aSession({ status: 'approved', topology: 'restored' })).start).toBe(true);
  });

  it('charges only what is complete, while the call is here', () => {
    expect(choicesOf(aSession({ status: 'ready_to_confirm' })).confirm).toBe(true);
    expect(choicesOf(aSession({ status: 'ready_to_confirm', topology: 'degraded' })).confirm).toBe(false);
    expect(choicesOf(aSession({ status: 'collecting' })).confirm).toBe(false);
  });

  it('asks for nothing once the call is going back', () => {
    const restoring = aSession({ topology: 'restoring' });
    expect(nextField(restoring)).toBeUndefined();
    expect(choicesOf(restoring).ask(aField('cvc'))).toBe(false);
    expect(bannerOf(restoring).banner).toBe('The call was given back. Nothing was charged.');
    expect(nextField(aSession())).toBe('card_number');
  });

  it('asks after a decline for what the bank refused, or for another card', () => {
    const declined = (...fields: ReturnType<typeof aField>[]) =>
      bannerOf(
        aSession({
          status: 'declined',
          fields,
          result: { ...aSession().result, decline_code: 'incorrect_cvc' },
        }),
      ).banner;
    const number = aField('card_number', { state: 'captured' });
    expect(declined(number, aField('cvc', { state: 'rejected' }))).toBe(
      'Declined: incorrect cvc. Ask for the security code again, or for another card.',
    );
    expect(declined(number, aField('expiry', { state: 'rejected' }), aField('cvc'))).toBe(
      'Declined: incorrect cvc. Ask for the expiry date and the security code again, or for another card.',
    );
    expect(declined(aField('card_number'), aField('cvc'))).toBe(
      'Declined: incorrect cvc. Another card may be tried.',
    );
  });

  it('is over only when both machines are at their end', () => {
    expect(isOver(aSession({ status: 'approved', topology: 'restoring' }))).toBe(false);
    expect(isOver(aSession({ status: 'unknown', topology: 'restored' }))).toBe(false);
    expect(isOver(aSession({ status: 'canceled', topology: 'lost' }))).toBe(true);
  });
});
