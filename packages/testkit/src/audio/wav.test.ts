import { describe, expect, it } from '@jest/globals';
import { decodeWav, encodeWav } from './wav.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const header =
  '52494646280000005741564566 6d7420100000000100 0100401f0000803e0000 02001000 6461746104000000'.replaceAll(
    ' ',
    '',
  );

describe('WAV', () => {
  it('is written as 8 kHz mono 16 bit PCM', () => {
    expect(hex(encodeWav(Int16Array.of(1, -2)))).toBe(`${header}0100feff`);
  });

  it('is read back', () => {
    expect([...decodeWav(encodeWav(Int16Array.of(0, 32767, -32768)))]).toEqual([0, 32767, -32768]);
    expect([...decodeWav(encodeWav(new Int16Array(0)))]).toEqual([]);
  });

  it('is read past chunks of other kinds, padded to even length', () => {
    const list = '4c4953540300000061626300';
    expect([
      ...decodeWav(Buffer.from(`${header.slice(0, 24)}${list}${header.slice(24)}0100feff`, 'hex')),
    ]).toEqual([1, -2]);
  });

  it.each([
    ['nothing', '', 'not a RIFF/WAVE file'],
    ['another file', '89504e470d0a1a0a0000000d49484452', 'not a RIFF/WAVE file'],
    ['a cut data chunk', `${header}0100`, 'cut short'],
    ['no data chunk', header.slice(0, 72), 'no "data" chunk'],
    ['data before fmt', `${header.slice(0, 24)}6461746100000000`, 'before "fmt "'],
    [
      'a short fmt',
      `${header.slice(0, 24)}666d742004000000 01000100`.replaceAll(' ', ''),
      'has 4 bytes, needs 16',
    ],
    ['stereo', `${header}0100feff`.replace('01000100401f', '01000200401f'), 'need PCM, 1, 16, 8000'],
    ['16 kHz', `${header}0100feff`.replace('401f0000', '803e0000'), '16000 Hz'],
  ])('of %s is refused', (_name, file, message) => {
    expect(() => decodeWav(Buffer.from(file, 'hex'))).toThrow(message);
  });
});
