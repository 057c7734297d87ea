import { describe, expect, it } from '@jest/globals';
import { makeId } from './ids.ts';

const counting = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);

describe('an id', () => {
  it('is its prefix and 26 base32 characters', () => {
    expect(makeId('ses', counting)).toBe('ses_01234567j9abcdefgbjkmnpqrs');
  });

  it('uses five bits of every random byte and none of i, l, o, u', () => {
    const all = makeId('x', (count) => Uint8Array.from({ length: count }, (_, i) => 255 - i));
    expect(all).toMatch(/^x_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it.each([0, 9, 31, 255])('never holds more than eight digits in a row: bytes of %i', (byte) => {
    expect(makeId('x', (count) => new Uint8Array(count).fill(byte))).not.toMatch(/\d{9}/);
  });
});
