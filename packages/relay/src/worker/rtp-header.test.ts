import { describe, expect, it } from '@jest/globals';
import { readRtp } from './rtp-header.ts';

const AUDIO = '800000010000000200000003 7fff';

/** RFC 3550 §5.1 in hex; what is after the blank is the payload. */
const taken: readonly [string, string, object][] = [
  [
    'a plain packet',
    AUDIO,
    { payloadType: 0, marker: false, sequence: 1, payloadOffset: 12, payloadLength: 2 },
  ],
  ['a marker', '808000010000000200000003 7f', { payloadType: 0, marker: true }],
  [
    'the largest numbers',
    '80ffffffffffffffffffffff 7f',
    { sequence: 0xffff, timestamp: 0xffffffff, payloadType: 127 },
  ],
  [
    'two CSRCs, skipped',
    '820000010000000200000003aaaaaaaabbbbbbbb 7f',
    { payloadOffset: 20, payloadLength: 1 },
  ],
  [
    'an extension, skipped',
    '900000010000000200000003bede000110ff0000 7f',
    { payloadOffset: 20, payloadLength: 1 },
  ],
  ['an empty extension', '900000010000000200000003bede0000 7f', { payloadOffset: 16, payloadLength: 1 }],
  ['padding, cut off', 'a00000010000000200000003 7f000003', { payloadLength: 1 }],
];

const refused: readonly [string, string, string][] = [
  ['nothing', '', 'shorter_than_header'],
  ['eleven octets', '8000000100000002000000', 'shorter_than_header'],
  ['version 0', '000000010000000200000003 7f', 'wrong_version'],
  ['version 1 (a STUN look-alike)', '400000010000000200000003 7f', 'wrong_version'],
  ['version 3', 'c00000010000000200000003 7f', 'wrong_version'],
  ['fifteen CSRCs that are not there', '8f0000010000000200000003 7f', 'csrc_beyond_packet'],
  ['an extension without its header', '900000010000000200000003 bede', 'extension_beyond_packet'],
  ['an extension of 65,535 words', '900000010000000200000003bedeffff 7f', 'extension_beyond_packet'],
  ['padding of zero', 'a00000010000000200000003 7f00', 'padding_beyond_packet'],
  ['padding of 255', 'a00000010000000200000003 7fff', 'padding_beyond_packet'],
  ['an RTCP sender report', '80c800060000000200000003', 'rtcp_packet'],
  ['an RTCP receiver report', '81c90007000000020000000300000004', 'rtcp_packet'],
  ['a header alone (a NAT keep-alive)', '800000010000000200000003', 'no_payload'],
  ['nothing but padding', 'a00000010000000200000003 00000004', 'no_payload'],
];

describe('one datagram on an RTP port', () => {
  it.each(taken)('takes %s', (_, hex, fields) => {
    expect(readRtp(bytes(hex))).toMatchObject({ ok: true, value: fields });
  });

  it.each(refused)('refuses %s', (_, hex, problem) => {
    expect(readRtp(bytes(hex))).toEqual({ ok: false, problem });
  });

  it('refuses more than an Ethernet frame', () => {
    const header = bytes('800000010000000200000003');
    expect(readRtp(Buffer.concat([header, Buffer.alloc(1_489)]))).toEqual({ ok: false, problem: 'too_long' });
    expect(readRtp(Buffer.concat([header, Buffer.alloc(1_488)])).ok).toBe(true);
  });
});

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
