import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RedundancyReader } from './redundancy.ts';

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (two) => Number.parseInt(two, 16));

function blocksOf(payload: Uint8Array): { type: number; offset: number; hex: string }[] {
  const reader = new RedundancyReader();
  return Array.from({ length: reader.read(payload) }, (_, n) => ({
    type: reader.payloadTypes[n] ?? 0,
    offset: reader.offsets[n] ?? 0,
    hex: Buffer.from(payload.subarray(reader.begins[n], reader.ends[n])).toString('hex'),
  }));
}

describe('the blocks of an RFC 2198 payload', () => {
  it.each([
    ['one block', '65050a00a0', [{ type: 101, offset: 0, hex: '050a00a0' }]],
    [
      'an event and the one before it, 800 ticks earlier',
      'e50c8004' + '65' + '048a0320' + '050a00a0',
      [
        { type: 101, offset: 800, hex: '048a0320' },
        { type: 101, offset: 0, hex: '050a00a0' },
      ],
    ],
    [
      'the largest offset and an empty block',
      'e5fffc00' + '00' + 'ffff',
      [
        { type: 101, offset: 16_383, hex: '' },
        { type: 0, offset: 0, hex: 'ffff' },
      ],
    ],
  ])('%s', (_, hex, blocks) => {
    expect(blocksOf(bytes(hex))).toEqual(blocks);
  });

  it.each([
    ['a header that is cut short', 'e50c80'],
    ['no last header', 'e50c8004'],
    ['a block longer than the payload', 'e50c800465048a03'],
    ['headers without end', 'ff'.repeat(64)],
  ])('are none in %s', (_, hex) => {
    expect(blocksOf(bytes(hex))).toEqual([]);
  });

  it('lie inside the payload, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (payload) => {
        const reader = new RedundancyReader();
        for (let n = 0; n < reader.read(payload); n += 1) {
          expect(reader.begins[n]).toBeLessThanOrEqual(reader.ends[n] ?? -1);
          expect(reader.ends[n]).toBeLessThanOrEqual(payload.length);
        }
      }),
    );
  });
});
