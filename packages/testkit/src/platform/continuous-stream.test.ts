import { describe, expect, it } from '@jest/globals';
import { ContinuousStream, readRtpHeader } from './continuous-stream.ts';

function packet(sequence: number, timestamp: number, ssrc: number, payloadType = 0): Uint8Array {
  const bytes = new Uint8Array(172).fill(0x55);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80);
  view.setUint8(1, payloadType);
  view.setUint16(2, sequence);
  view.setUint32(4, timestamp);
  view.setUint32(8, ssrc);
  return bytes;
}

describe('ContinuousStream', () => {
  it('keeps its own SSRC and numbering where one source follows another', () => {
    const stream = new ContinuousStream({ ssrc: 77, sequence: 0xffff, timestamp: 0xffff_ff00 });
    const sent = [
      stream.take(packet(10, 5000, 1), 'direct', 0, 1000),
      stream.take(packet(11, 5160, 1), 'direct', 0, 1020),
      stream.take(packet(900, 70, 2), 'leg7', 0, 1070),
      stream.take(packet(901, 230, 2), 'leg7', 0, 1090),
    ].map((bytes) => readRtpHeader(bytes ?? new Uint8Array()));
    expect(sent.map((header) => header?.sequence)).toEqual([0xffff, 0, 1, 2]);
    // 50 ms between the last direct packet and the first of leg 7 are 400 ticks; the clock wraps on the way.
    expect(sent.map((header) => header?.timestamp)).toEqual([0xffff_ff00, 0xffff_ffa0, 304, 464]);
    expect(sent.map((header) => header?.ssrc)).toEqual([77, 77, 77, 77]);
    expect(sent.map((header) => header?.marker)).toEqual([true, false, true, false]);
  });

  it('lets loss and reordering of one source be seen, and is not thrown back by a late packet', () => {
    const stream = new ContinuousStream({ ssrc: 7, sequence: 100, timestamp: 0 });
    const at = (sequence: number): number | undefined => {
      const bytes = stream.take(packet(sequence, sequence * 160, 1), 'direct', 0, sequence * 20);
      return readRtpHeader(bytes ?? new Uint8Array())?.sequence;
    };
    expect([at(5), at(8), at(7), at(9)]).toEqual([100, 103, 102, 104]);
    const next = stream.take(packet(1, 0, 2), 'leg7', 0, 200);
    expect(readRtpHeader(next ?? new Uint8Array())?.sequence).toBe(105);
  });

  it('writes the payload type of the party it speaks to', () => {
    const stream = new ContinuousStream({ ssrc: 7, sequence: 100, timestamp: 0 });
    expect(
      readRtpHeader(stream.take(packet(1, 0, 1, 101), 'direct', 96, 0) ?? new Uint8Array())?.payloadType,
    ).toBe(96);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['eleven octets', packet(1, 1, 1).subarray(0, 11)],
    ['another version', Uint8Array.from(packet(1, 1, 1), (octet, at) => (at === 0 ? 0x40 : octet))],
  ])('does not pass on what is not RTP: %s', (_what, bytes) => {
    const stream = new ContinuousStream({ ssrc: 7, sequence: 1, timestamp: 0 });
    expect(stream.take(bytes, 'direct', 0, 0)).toBeUndefined();
  });
});
