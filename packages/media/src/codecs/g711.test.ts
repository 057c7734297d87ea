import { describe, expect, it } from '@jest/globals';
import { alaw, mulaw } from 'alawmulaw';
import { decodeG711, encodeG711, g711DecodeTable, g711EncodeTable, g711TranscodeTable } from './g711.ts';

const allCodes = Uint8Array.from({ length: 256 }, (_, code) => code);
const allSamples = Int16Array.from({ length: 65_536 }, (_, bits) => (bits << 16) >> 16);

describe('G.711 against an independent implementation', () => {
  it('decodes every u-law code as the oracle does', () => {
    expect([...decodeG711('PCMU', allCodes)]).toEqual([...mulaw.decode(allCodes)]);
  });

  it('decodes every A-law code as the oracle does', () => {
    expect([...decodeG711('PCMA', allCodes)]).toEqual([...alaw.decode(allCodes)]);
  });

  it('encodes each u-law sample to a code no further from it than the oracle', () => {
    expect(worseThan('PCMU', mulaw.encode(allSamples))).toBe(0);
  });

  it('encodes each A-law sample to a code no further from it than the oracle', () => {
    expect(worseThan('PCMA', alaw.encode(allSamples))).toBe(0);
  });
});

describe('G.711 round trips', () => {
  it.each(['PCMU', 'PCMA'] as const)(
    '%s: code -> sample -> code -> sample gives the same sample',
    (codec) => {
      const samples = decodeG711(codec, allCodes);
      expect([...decodeG711(codec, encodeG711(codec, samples))]).toEqual([...samples]);
    },
  );

  it('keeps every code when the law does not change, both zeros of u-law too', () => {
    expect([...g711TranscodeTable('PCMU', 'PCMU')]).toEqual([...allCodes]);
    expect([...g711TranscodeTable('PCMA', 'PCMA')]).toEqual([...allCodes]);
    expect(g711DecodeTable('PCMU')[0x7f]).toBe(g711DecodeTable('PCMU')[0xff]);
  });

  it.each([
    ['PCMU', 'PCMA'],
    ['PCMA', 'PCMU'],
  ] as const)('%s -> %s stays within one step of the coarser law', (from, to) => {
    const original = decodeG711(from, allCodes);
    const arrived = decodeG711(
      to,
      allCodes.map((code) => g711TranscodeTable(from, to)[code] ?? 0),
    );
    const worst = original.reduce((most, sample, i) => {
      const error = Math.abs(sample - (arrived[i] ?? 0));
      return Math.max(most, error / Math.max(Math.abs(sample), 256));
    }, 0);
    expect(worst).toBeLessThan(0.04);
  });

  it.each([
    ['PCMU', 0, 0xff],
    ['PCMU', 32_767, 0x80],
    ['PCMU', -32_768, 0x00],
    ['PCMA', 0, 0xd5],
    ['PCMA', -1, 0x55],
    ['PCMA', 32_767, 0xaa],
    ['PCMA', -32_768, 0x2a],
  ] as const)('%s encodes %d as its G.711 code', (codec, sample, code) => {
    expect(g711EncodeTable(codec)[sample & 0xffff]).toBe(code);
  });
});

/** Samples for which our code lies further from the sample than the oracle's. */
function worseThan(codec: 'PCMU' | 'PCMA', oracle: Uint8Array): number {
  const decode = g711DecodeTable(codec);
  const ours = encodeG711(codec, allSamples);
  return allSamples.reduce((worse, sample, i) => {
    const ourError = Math.abs(sample - (decode[ours[i] ?? 0] ?? 0));
    const oracleError = Math.abs(sample - (decode[oracle[i] ?? 0] ?? 0));
    return ourError > oracleError ? worse + 1 : worse;
  }, 0);
}
