import { describe, expect, it } from '@jest/globals';
import { makeId } from '@sordino/core';
import fc from 'fast-check';
import { maskCards, maskJsonLine } from './mask.ts';
import { aCardNumber, TEST_CARDS } from './testing.ts';

const masked = (text: string) => maskCards(text).text;

describe('the card scanner', () => {
  it.each(TEST_CARDS)('masks %s', (number) => {
    expect(masked(`card ${number} refused`)).toBe('card [PAN] refused');
    expect(masked(number)).toBe('[PAN]');
  });

  it.each([
    ['spaces', '4242 4242 4242 4242'],
    ['dashes', '4242-4242-4242-4242'],
    ['dots', '4242.4242.4242.4242'],
    ['the way Amex is printed', '3782 822463 10005'],
    ['one by one', '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2'],
    ['a list of digits', '[4,2,4,2,4,2,4,2,4,2,4,2,4,2,4,2]'],
    ['mixed and doubled', '4242 - 4242  4242 . 4242'],
    ['a no-break space and Unicode dashes', '4242\u00a04242\u20134242\u20114242'],
    ['percent-escaped digits', '%34%32%34%32424242424242'],
    ['percent-escaped separators', 'number=4242%204242%2D4242%204242'],
    ['form encoding', 'number=4242+4242+4242+4242'],
    ['JSON escapes', '\\u0034242424242424242'],
    ['newlines as JSON writes them', '4242\\n4242\\n4242\\n4242'],
    ['full-width digits', '４２４２４２４２４２４２４２４２'],
    ['a URL', 'http://gw/charge/4242424242424242?x=1'],
    ['its security code behind it', '4242424242424242123'],
    ['a menu key before it', '14242424242424242'],
    ['amount, number, expiry and code in one piece', '499942424242424242421230123'],
    ['letters around it', 'PAN4242424242424242EXP'],
  ])('sees through %s', (_case, text) => {
    const result = maskCards(text);
    expect(result.hits).toBe(1);
    expect(result.text.replace(/[^0-9４２]/g, '').length).toBeLessThanOrEqual(1);
  });

  it('takes the security code away with the number it is glued to', () => {
    expect(masked('x 4242 4242 4242 4242 123 y')).toBe('x [PAN] y');
  });

  it.each([
    ['a wrong check digit', '4242424242424241'],
    ['a prefix that no scheme has', '1000000000000008'],
    ['twelve digits', '424242424242'],
    ['Unix milliseconds', 'at 1790000000000 and 1763799999999'],
    ['an ISO time', '2026-11-22T08:11:32.123Z 2026-11-22 08:11:32'],
    ['a phone number that passes as an old Visa number', '+4917612345674'],
    ['addresses', '192.168.100.200:5060 10.20.30.40:49170'],
    ['an SDP origin', 'o=- 3900000000 3900000001 IN IP4 127.0.0.1'],
    ['numbers in a list', '[1234,5678,9012,3456,4242]'],
    ['money and counts', 'amount=4999 length=16 lost=0 jitter=12.5'],
  ])('leaves %s alone', (_case, text) => {
    expect(maskCards(text)).toEqual({ text, hits: 0 });
  });

  it('masks two numbers in one text', () => {
    expect(masked('a 4242424242424242 b 378282246310005 c')).toBe('a [PAN] b [PAN] c');
  });

  it('finds every valid number of every brand, however it is grouped, in any surroundings', () => {
    const separator = fc.constantFrom('', ' ', '-', '.', '  ', ' - ', '%20', '%2D', '\u00a0');
    const word = fc.stringMatching(/^[a-zA-Z":{}=&/]{0,12}$/);
    fc.assert(
      fc.property(
        aCardNumber,
        separator,
        fc.constantFrom(1, 2, 4, 6, 19),
        word,
        word,
        (number, gap, size, before, after) => {
          const grouped = number.match(new RegExp(`.{1,${size}}`, 'g'))?.join(gap) ?? '';
          expect(maskCards(before + grouped + after)).toEqual({ text: `${before}[PAN]${after}`, hits: 1 });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('never changes a time in milliseconds until 2033', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_500_000_000_000, max: 1_999_999_999_999 }), (time) => {
        expect(maskCards(`"at":${time}`).hits).toBe(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never changes an id of ours', () => {
    const bytes = fc.uint8Array({ minLength: 26, maxLength: 26 });
    fc.assert(
      fc.property(bytes, (random) => {
        expect(maskCards(makeId('ses', () => random)).hits).toBe(0);
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes time in proportion to the text, whatever it holds', () => {
    // Quadratic behaviour would take hours here, not a slow second: Jest's own limit is the assertion.
    for (const text of ['4', '4 ', '%', '\\u', '4,', '0']) maskCards(text.repeat(200_000));
  });
});

describe('a JSON line', () => {
  it.each([
    ['{"a":4242424242424242}', { a: '[PAN]' }],
    ['{"a":-4242424242424242}', { a: '[PAN]' }],
    ['{"a":4242424242424242.5e3,"b":1}', { a: '[PAN]', b: 1 }],
    ['{"a":[4,2,4,2,4,2,4,2,4,2,4,2,4,2,4,2]}', { a: ['[PAN]'] }],
    ['{"a":"x:4242424242424242"}', { a: 'x:[PAN]' }],
    ['{"a\\"":4242424242424242}', { 'a"': '[PAN]' }],
    ['{"4242424242424242":"b"}', { '[PAN]': 'b' }],
  ])('stays JSON: %s', (line, expected) => {
    expect(JSON.parse(maskJsonLine(line).text)).toEqual(expected);
  });

  it('stays JSON whatever is in it, and holds no card number afterwards', () => {
    const value = fc.oneof(fc.json(), aCardNumber.map(Number), aCardNumber, fc.double(), fc.string());
    fc.assert(
      fc.property(fc.dictionary(fc.oneof(fc.string(), aCardNumber), value), (object) => {
        const { text } = maskJsonLine(JSON.stringify(object));
        JSON.parse(text);
        expect(maskCards(text).hits).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });
});
