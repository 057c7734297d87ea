import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { passesLuhn } from './luhn.ts';
import { TEST_CARD_NUMBERS } from './test-numbers.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const digits = (length: { minLength: number; maxLength: number }) =>
  fc.array(fc.integer({ min: 0, max: 9 }), length).map((list) => list.join(''));

describe('the Luhn checksum', () => {
  it.each([...TEST_CARD_NUMBERS])('holds for the published test number %s', (number) => {
    expect(passesLuhn(bytes(number))).toBe(true);
  });

  it.each(['', '1', '79927398710', '4242424242424241', '4242424242424224'])('fails for "%s"', (number) => {
    expect(passesLuhn(bytes(number))).toBe(false);
  });

  it('is broken by any one wrong digit', () => {
    fc.assert(
      fc.property(
        digits({ minLength: 11, maxLength: 18 }),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        (body, at, by) => {
          const check = [...'0123456789'].find((digit) => passesLuhn(bytes(body + digit))) ?? '';
          const number = body + check;
          const place = at % number.length;
          const wrong = (Number(number[place]) + by) % 10;
          return !passesLuhn(bytes(number.slice(0, place) + wrong + number.slice(place + 1)));
        },
      ),
    );
  });

  it('holds for exactly one check digit of each number', () => {
    fc.assert(
      fc.property(digits({ minLength: 1, maxLength: 18 }), (body) => {
        return [...'0123456789'].filter((digit) => passesLuhn(bytes(body + digit))).length === 1;
      }),
    );
  });
});
