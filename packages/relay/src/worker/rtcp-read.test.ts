import { describe, expect, it } from '@jest/globals';
import { readRtcp } from './rtcp-read.ts';

const SR = '80c80006 0000feed 1122334455667788 00000001 00000002 00000003';
const RR = '80c90001 0000feed';
const BLOCK = '0000beef 00fffffe 00010005 00000009 aabbccdd 00010000';
const SDES = '81ca0003 0000feed 0103616263000000';
const BYE = '81cb0001 0000feed';

describe('RTCP that comes in', () => {
  const sender = { ssrc: 0xfeed, ntpMiddle: 0x33445566 };
  const block = {
    ssrc: 0xbeef,
    cumulativeLost: -2,
    highestSequence: 0x0001_0005,
    jitterTicks: 9,
    lsr: 0xaabb_ccdd,
    dlsr: 0x0001_0000,
  };

  it.each([
    ['a sender report', SR, { senderReports: [sender] }],
    ['a receiver report', RR, {}],
    ['a report block', `81c90007 0000feed ${BLOCK}`, { blocks: [block] }],
    [
      'blocks after sender info',
      SR.replace('80c80006', '82c80012') + BLOCK + BLOCK,
      { senderReports: [sender], blocks: [block, block] },
    ],
    ['a compound packet', `${SR}${SDES}${BYE}`, { senderReports: [sender], byes: [0xfeed] }],
    ['a BYE with a reason', `${RR}81cb0003 0000feed 03627965`.concat('00000000'), { byes: [0xfeed] }],
    ['a BYE of nobody', `${RR}80cb0000`, {}],
    ['two sender reports', `${SR}${SR}`, { senderReports: [sender, sender] }],
    ['types nobody knows after the first', `${RR}80ff0000`, {}],
  ])('reads %s', (_, hex, news) => {
    expect(readRtcp(bytes(hex))).toEqual({ senderReports: [], blocks: [], byes: [], ...news });
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
    ['more blocks in a receiver report than there is room for', '82c90007 0000feed'.concat(BLOCK)],
    ['a BYE of more sources than there is room for', `${RR}82cb0001 0000feed`],
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
