import { describe, expect, it } from '@jest/globals';
import { readRtcp } from './rtcp-read.ts';

const SR = '80c80006 0000feed 1122334455667788 00000001 00000002 00000003';
const RR = '80c90001 0000feed';
const SDES = '81ca0003 0000feed 0103616263000000';
const BYE = '81cb0001 0000feed';

describe('RTCP that comes in', () => {
  it.each([
    ['a sender report', SR, [{ ssrc: 0xfeed, ntpMiddle: 0x33445566 }]],
    ['a receiver report', RR, []],
    ['a compound packet', `${SR}${SDES}${BYE}`, [{ ssrc: 0xfeed, ntpMiddle: 0x33445566 }]],
    ['two sender reports', `${SR}${SR}`, [expect.anything(), expect.anything()]],
    ['types nobody knows after the first', `${RR}80ff0000`, []],
  ])('reads %s', (_, hex, reports) => {
    expect(readRtcp(bytes(hex))).toEqual(reports);
  });

  it.each([
    ['nothing', ''],
    ['three octets', '80c800'],
    ['version 1', SR.replace('80', '40')],
    ['a BYE alone', BYE],
    ['SDES first', `${SDES}${SR}`],
    ['a length beyond the datagram', SR.replace('80c80006', '80c80007')],
    ['a sender report too short for its sender info', '80c80001 0000feed'],
    ['more report blocks than there is room for', SR.replace('80c8', '9fc8')],
    ['rubbish after the last packet', `${SR}0102`],
    ['an RTP packet', '800000010000000200000003 7fff7fff'],
  ])('refuses %s', (_, hex) => {
    expect(readRtcp(bytes(hex))).toBeUndefined();
  });

  it('refuses more than an Ethernet frame', () => {
    expect(readRtcp(Buffer.concat(Array.from({ length: 200 }, () => bytes(RR))))).toBeUndefined();
  });
});

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
