import { describe, expect, it } from '@jest/globals';
import { KeyPairing } from './key-pairing.ts';

type Press = readonly [code: number, transport: 'media' | 'info', atMs: number];

describe('keys that come by media and by SIP INFO', () => {
  it.each<[string, readonly Press[], readonly boolean[]]>([
    [
      'media only',
      [
        [4, 'media', 0],
        [4, 'media', 200],
        [2, 'media', 400],
      ],
      [true, true, true],
    ],
    [
      'INFO only',
      [
        [4, 'info', 0],
        [4, 'info', 200],
        [2, 'info', 400],
      ],
      [true, true, true],
    ],
    [
      'INFO after each',
      [
        [4, 'media', 0],
        [4, 'info', 90],
        [4, 'media', 200],
        [4, 'info', 290],
      ],
      [true, false, true, false],
    ],
    [
      'INFO before each',
      [
        [4, 'info', 0],
        [4, 'media', 90],
        [5, 'info', 200],
        [5, 'media', 290],
      ],
      [true, false, true, false],
    ],
    [
      'INFO late, after two presses of one key',
      [
        [4, 'media', 0],
        [4, 'media', 200],
        [4, 'info', 500],
        [4, 'info', 700],
      ],
      [true, true, false, false],
    ],
    [
      'another key is no partner',
      [
        [4, 'media', 0],
        [5, 'info', 50],
      ],
      [true, true],
    ],
    [
      'a second later is another press',
      [
        [4, 'media', 0],
        [4, 'info', 1_001],
      ],
      [true, true],
    ],
    [
      'a partner pairs once',
      [
        [4, 'media', 0],
        [4, 'info', 50],
        [4, 'info', 150],
      ],
      [true, false, true],
    ],
  ])('%s', (_, presses, taken) => {
    const pairing = new KeyPairing();
    expect(presses.map(([code, transport, atMs]) => pairing.take(code, transport, atMs))).toEqual(taken);
  });

  it('remembers sixteen presses, and none after a wipe', () => {
    const pairing = new KeyPairing();
    for (let press = 0; press < 17; press += 1) pairing.take(press === 0 ? 1 : 2, 'media', 0);
    expect(pairing.take(1, 'info', 0)).toBe(true);
    expect(pairing.take(2, 'info', 0)).toBe(false);
    pairing.wipe();
    expect(pairing.take(2, 'info', 0)).toBe(true);
  });
});
