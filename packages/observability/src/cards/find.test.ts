import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findCardNumbers } from './find.ts';
import { aCardNumber, TEST_CARDS } from './testing.ts';

const packed = (number: string) => Buffer.from(number.length % 2 === 0 ? number : `${number}f`, 'hex');
const events = (number: string) => Uint8Array.from(number, Number);
/** Bytes that continue no number in any encoding. */
const surrounded = (bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([0xff, 0xee]), bytes, Buffer.from([0xfd, 0xcc])]);

const ENCODINGS: [string, (number: string) => Uint8Array][] = [
  ['text', (number) => Buffer.from(number)],
  ['utf16le', (number) => Buffer.from(number, 'utf16le')],
  ['utf16be', (number) => Buffer.from(number, 'utf16le').swap16()],
  ['bcd', packed],
  ['dtmf_events', events],
];

describe('a search for card numbers', () => {
  describe.each(ENCODINGS)('in %s', (encoding, encode) => {
    it.each(TEST_CARDS)('finds %s when it is known, and tells only brand and last four', (number) => {
      const bytes = encode(number);
      const found = findCardNumbers(surrounded(bytes), [number]);
      expect(found).toEqual([
        { encoding, offset: 2, length: bytes.length, brand: expect.any(String), last4: number.slice(-4) },
      ]);
      expect(JSON.stringify(found)).not.toContain(number);
    });

    it('finds any known number at any place of random bytes, and reports no other', () => {
      fc.assert(
        fc.property(
          aCardNumber,
          fc.uint8Array({ maxLength: 50 }),
          fc.uint8Array({ maxLength: 50 }),
          (number, a, b) => {
            const sink = Buffer.concat([a, Buffer.from([0xff, 0xff]), encode(number), b]);
            const found = findCardNumbers(sink, [number]).filter((one) => one.encoding === encoding);
            expect(found.map((one) => one.offset)).toContain(a.length + 2);
            expect(findCardNumbers(Buffer.concat([a, b]), ['4000056655665556'])).toEqual([]);
          },
        ),
        { numRuns: 300 },
      );
    });
  });

  it.each(ENCODINGS.filter(([name]) => name !== 'bcd'))('finds unknown numbers in %s', (encoding, encode) => {
    expect(findCardNumbers(surrounded(encode('378282246310005')))).toMatchObject([
      { encoding, brand: 'amex' },
    ]);
  });

  it('finds unknown packed numbers unless they read as text', () => {
    expect(findCardNumbers(surrounded(packed('4000056655665556')))).toMatchObject([
      { encoding: 'bcd', last4: '5556' },
    ]);
    expect(findCardNumbers(Buffer.from('BBBBBBBB'))).toEqual([]);
    expect(findCardNumbers(Buffer.from('BBBBBBBB'), ['4242424242424242'])).toMatchObject([
      { encoding: 'bcd' },
    ]);
  });

  it('finds a number that begins in the lower half of a byte', () => {
    expect(findCardNumbers(Buffer.from('f4000056655665556f', 'hex'))).toMatchObject([
      { encoding: 'bcd', offset: 0, length: 9 },
    ]);
  });

  it('finds a known number inside more digits and with separators', () => {
    const known = ['4242424242424242'];
    expect(findCardNumbers('77774242-4242 4242.424277', known)).toMatchObject([
      { offset: 4, length: 19, last4: '4242' },
    ]);
    expect(findCardNumbers('%34%32%34%32424242424242', known)).toHaveLength(1);
    expect(findCardNumbers('4242 4242 4242 4241', known)).toEqual([]);
  });

  it('finds each of several', () => {
    expect(findCardNumbers('a 4242424242424242 b 378282246310005').map((one) => one.last4)).toEqual([
      '4242',
      '0005',
    ]);
  });

  it('reads zeros, silence and the empty sink as nothing', () => {
    for (const byte of [0x00, 0xff, 0x7f, 0xd5, 0x55])
      expect(findCardNumbers(Buffer.alloc(50_000, byte))).toEqual([]);
    expect(findCardNumbers('')).toEqual([]);
    expect(findCardNumbers(new Uint8Array())).toEqual([]);
  });

  it('does not find a known number in a megabyte of noise', () => {
    expect(findCardNumbers(randomBytes(1_000_000), ['4000056655665556'])).toEqual([]);
  });
});
