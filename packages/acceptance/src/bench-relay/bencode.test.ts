import { describe, expect, it } from '@jest/globals';
import { bdecode, bencode } from './bencode.ts';

describe('bencode', () => {
  it.each([
    ['4:spam', 'spam'],
    ['0:', ''],
    ['i-42e', -42],
    ['l1:a1:be', ['a', 'b']],
    ['d3:cow3:moo4:spaml1:a1:bee', { cow: 'moo', spam: ['a', 'b'] }],
    ['de', {}],
  ])('%s is read and written', (text, value) => {
    expect(bdecode(text)).toEqual(value);
    expect(bencode(value)).toBe(text);
  });

  it('counts octets, not letters', () => {
    expect(bencode('é')).toBe('2:é');
  });

  it.each(['', '5:spam', 'i12', 'l1:a', 'd1:a', 'x', '-1:', '1'])('%j is refused', (text) => {
    expect(() => bdecode(text)).toThrow(Error);
  });
});
