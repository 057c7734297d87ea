import { describe, expect, it } from '@jest/globals';
import { containsCardNumber } from './find-in-text.ts';

describe('a card number in somebody’s text', () => {
  it.each(['4242424242424242', 'card 4242 4242 4242 4242, thanks', 'id-4242-4242-4242-4242'])('%s', (text) =>
    expect(containsCardNumber(text)).toBe(true),
  );

  it.each([
    '7c202edb-6211-4142-8532-03d499a492cd',
    'order f6620886-7052-42dd-87ee-390ac02e23bc',
    '4242424242424242d4c9a1b2c3d4e5f6',
    '4242424242424241',
    'INV-7',
  ])('is not in %s', (text) => expect(containsCardNumber(text)).toBe(false));
});
