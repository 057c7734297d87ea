import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRtpHeader, rtpProblem } from './header.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const rest = '8001 00000010 11223344';

describe('RTP header', () => {
  it.each([
    [
      'a plain packet',
      `8000 ${rest} aabb`,
      { payloadType: 0, marker: false, payloadOffset: 12, payloadLength: 2 },
    ],
    ['marker and payload type 101', `80e5 ${rest} aa`, { payloadType: 101, marker: true, payloadLength: 1 }],
    ['no payload', `8000 ${rest}`, { payloadOffset: 12, payloadLength: 0 }],
    ['two CSRCs', `8200 ${rest} 00000001 00000002 aa`, { csrcCount: 2, payloadOffset: 20, payloadLength: 1 }],
    ['an empty extension', `9000 ${rest} bede0000 aa`, { payloadOffset: 16, payloadLength: 1 }],
    ['an extension word', `9000 ${rest} bede0001 10ff0000 aabb`, { payloadOffset: 20, payloadLength: 2 }],
    [
      'CSRC and extension',
      `9100 ${rest} 00000001 bede0001 10ff0000 aa`,
      { payloadOffset: 24, payloadLength: 1 },
    ],
    ['padding', `a000 ${rest} aabb 000003`, { payloadOffset: 12, payloadLength: 2 }],
    ['nothing but padding', `a000 ${rest} 00000004`, { payloadLength: 0 }],
  ])('%s', (_, hex, expected) => {
    expect(rtpProblem(bytes(hex))).toBeUndefined();
    expect(readRtpHeader(bytes(hex))).toMatchObject({
      ...expected,
      sequence: 0x8001,
      timestamp: 0x10,
      ssrc: 0x11223344,
    });
  });

  it.each([
    ['nothing at all', '', 'shorter_than_header'],
    ['eleven bytes', '8000 8001 00000010 112233', 'shorter_than_header'],
    ['version 0', `0000 ${rest} aa`, 'wrong_version'],
    ['version 1', `4000 ${rest} aa`, 'wrong_version'],
    ['version 3', `c000 ${rest} aa`, 'wrong_version'],
    ['15 CSRCs in a bare header', `8f00 ${rest}`, 'csrc_beyond_packet'],
    ['a CSRC cut short', `8100 ${rest} 000000`, 'csrc_beyond_packet'],
    ['an extension without its length', `9000 ${rest} bede`, 'extension_beyond_packet'],
    ['an extension of 509 words in 20 bytes', `9000 ${rest} bede01fd 00000000`, 'extension_beyond_packet'],
    ['an extension one byte short', `9000 ${rest} bede0001 10ff00`, 'extension_beyond_packet'],
    ['padding of 255 in a short packet', `a000 ${rest} aabbff`, 'padding_beyond_packet'],
    ['padding that says 0', `a000 ${rest} aabb00`, 'padding_beyond_packet'],
    ['padding announced, nothing there', `a000 ${rest}`, 'padding_beyond_packet'],
    ['padding into the extension', `b000 ${rest} bede0000 000003`, undefined],
    ['padding past the extension', `b000 ${rest} bede0000 000004`, 'padding_beyond_packet'],
  ])('%s: %s', (_, hex, problem) => {
    expect(rtpProblem(bytes(hex))).toBe(problem);
    expect(readRtpHeader(bytes(hex)) === undefined).toBe(problem !== undefined);
  });

  it('never reads outside the packet, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (packet) => {
        const header = readRtpHeader(packet);
        if (header === undefined) return;
        expect(header.payloadLength).toBeGreaterThanOrEqual(0);
        expect(header.payloadOffset + header.payloadLength).toBeLessThanOrEqual(packet.length);
      }),
      { numRuns: 2000 },
    );
  });
});
