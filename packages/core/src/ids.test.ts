import { describe, expect, it } from '@jest/globals';
import { makeId } from './ids.ts';

const counting = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);

describe('an id', () => {
  it('is its prefix and 26 base32 characters', () => {
    expect(makeId('ses', counting)).toBe('ses_0123456789abcdefghjkmnpqrs');
  });

  it('uses five bits of every random byte and none of i, l, o, u', () => {
    const all = makeId('x', (count) => Uint8Array.from({ length: count }, (_, i) => 255 - i));
    expect(all).toMatch(/^x_[0-9a-hjkmnp-tv-z]{26}$/);
  });
});
