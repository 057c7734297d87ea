import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RtpPacket } from 'werift-rtp';
import { RtpWriter } from './rtp-writer.ts';

const frame = new Uint8Array(160).fill(0x7f);
const headerOf = (packet: Buffer): RtpPacket['header'] => RtpPacket.deSerialize(packet).header;

describe('a stream that we make', () => {
  it('begins anywhere and goes on without a gap, over the wrap of the sequence', () => {
    const writer = new RtpWriter();
    const headers = Array.from({ length: 66_000 }, (_, n) =>
      Buffer.from(writer.next(0, n === 0, frame, n * 20)),
    );
    const steps = new Set(
      headers.slice(1).map((packet, n) => {
        const before = headers[n] ?? packet;
        const sequenceStep = (packet.readUInt16BE(2) - before.readUInt16BE(2)) & 0xffff;
        return `${sequenceStep} ${(packet.readUInt32BE(4) - before.readUInt32BE(4)) >>> 0}`;
      }),
    );
    expect(steps).toEqual(new Set(['1 160']));
    expect(writer.octets).toBe(66_000 * 160);
  });

  it('has a header of twelve octets and nothing else, whatever it carries', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 480 }),
        fc.integer({ min: 0, max: 127 }),
        (payload, type) => {
          const packet = new RtpWriter().next(type, false, payload, 0);
          expect(packet[0]).toBe(0x80);
          expect(packet[1]).toBe(type);
          expect(packet.length).toBe(12 + payload.length);
          expect(packet.subarray(12)).toEqual(Buffer.from(payload));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keeps the bytes of a packet when the buffer it was made from is used again', () => {
    const reused = new Uint8Array(160).fill(1);
    const packet = new RtpWriter().next(0, false, reused, 0);
    reused.fill(2);
    expect(packet.subarray(12).every((byte) => byte === 1)).toBe(true);
  });

  it('lets time pass over a hold, and nothing but time', () => {
    const writer = new RtpWriter();
    const before = headerOf(writer.next(0, true, frame, 0));
    writer.passOver(160);
    writer.passOver(160);
    const after = headerOf(writer.next(0, false, frame, 60));
    expect((after.timestamp - before.timestamp) >>> 0).toBe(480);
    expect((after.sequenceNumber - before.sequenceNumber) & 0xffff).toBe(1);
  });

  it.each([
    [20, 160],
    [39, 160],
    [60, 480],
    [1_000, 8_000],
  ])('after a pause of %d ms its timestamp has gone on by %d', (pauseMs, ticks) => {
    const writer = new RtpWriter();
    const before = headerOf(writer.next(0, true, frame, 500));
    writer.skipPause(160, 500 + pauseMs);
    const after = headerOf(writer.next(0, true, frame, 500 + pauseMs));
    expect((after.timestamp - before.timestamp) >>> 0).toBe(ticks);
  });

  it('takes a late packet without going back', () => {
    const writer = new RtpWriter();
    writer.next(0, true, frame, 0);
    const [sequence, timestamp] = [writer.nextSequence, writer.nextTimestamp];
    writer.at((sequence + 1) & 0xffff, (timestamp + 160) >>> 0, 0, false, frame, 40);
    writer.at(sequence, timestamp, 0, false, frame, 41);
    expect(writer.nextSequence).toBe((sequence + 2) & 0xffff);
    expect(writer.nextTimestamp).toBe((timestamp + 320) >>> 0);
    expect(writer.packets).toBe(3);
  });

  it('is not guessable from another one', () => {
    const starts = new Set(Array.from({ length: 20 }, () => new RtpWriter().ssrc));
    expect(starts.size).toBe(20);
  });
});
