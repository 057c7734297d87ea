import { describe, expect, it } from '@jest/globals';
import { isRtcp, kindOf } from './demux.ts';

describe('a datagram on the port of a DTLS leg', () => {
  // RFC 7983 §7, figure 3, at each edge.
  it.each([
    ['stun', [0, 1, 3]],
    ['unknown', [4, 15, 16, 19]],
    ['dtls', [20, 22, 63]],
    ['unknown', [64, 79, 80, 127]],
    ['media', [128, 191]],
    ['unknown', [192, 255]],
  ])('is %s when its first byte is %j', (kind, firsts) => {
    for (const first of firsts) expect(kindOf(Uint8Array.of(first, 0))).toBe(kind);
  });

  it('is nothing when it is empty', () => {
    expect(kindOf(new Uint8Array())).toBe('unknown');
  });

  it('is RTCP by its second byte', () => {
    expect(
      [0, 101, 0x80 | 101, 191, 192, 200, 201, 223, 224].map((type) => isRtcp(Uint8Array.of(0x80, type))),
    ).toEqual([false, false, false, false, true, true, true, true, false]);
    expect(isRtcp(Uint8Array.of(0x80))).toBe(false);
  });
});
