import { describe, expect, it } from '@jest/globals';
import { eventBlocksIn, readTelephoneEvent, writeTelephoneEvent } from './payload.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hex = (payload: Uint8Array): string => Buffer.from(payload).toString('hex');

describe('RFC 4733 payload', () => {
  it.each([
    ['01 0a 00 a0', { event: 1, end: false, volume: 10, durationTicks: 160 }],
    ['01 8a 03 20', { event: 1, end: true, volume: 10, durationTicks: 800 }],
    ['0b 80 ff ff', { event: 11, end: true, volume: 0, durationTicks: 65_535 }],
    ['00 3f 00 00', { event: 0, end: false, volume: 63, durationTicks: 0 }],
    ['10 0a 01 90', { event: 16, end: false, volume: 10, durationTicks: 400 }],
    ['ff bf 00 01', { event: 255, end: true, volume: 63, durationTicks: 1 }],
  ])('%s is read, and written back the same', (text, event) => {
    expect(readTelephoneEvent(bytes(text))).toEqual(event);
    expect(hex(writeTelephoneEvent(event))).toBe(text.replaceAll(' ', ''));
  });

  it('ignores the reserved bit', () => {
    expect(readTelephoneEvent(bytes('01 4a 00 a0'))).toEqual({
      event: 1,
      end: false,
      volume: 10,
      durationTicks: 160,
    });
  });

  it('reads the second of two aggregated events', () => {
    const payload = bytes('01 8a 01 90 02 8a 01 40');
    expect(eventBlocksIn(payload)).toBe(2);
    expect(readTelephoneEvent(payload, 1)).toMatchObject({ event: 2, end: true, durationTicks: 320 });
  });

  it.each([
    ['nothing', ''],
    ['one byte', '01'],
    ['cut after the flags', '01 0a'],
    ['cut inside the duration', '01 0a 00'],
    ['one byte too many', '01 0a 00 a0 00'],
    ['a second event cut short', '01 0a 00 a0 02 8a 01'],
    ['more events than a keypad makes', '01 8a 00 a0'.repeat(9)],
  ])('%s is no event payload', (_, text) => {
    expect(eventBlocksIn(bytes(text))).toBe(0);
    expect(readTelephoneEvent(bytes(text))).toBeUndefined();
  });

  it.each([1, -1, 0.5])('has no block %d when it holds one', (block) => {
    expect(readTelephoneEvent(bytes('01 0a 00 a0'), block)).toBeUndefined();
  });

  it.each([
    ['event', { event: 256, end: false, volume: 0, durationTicks: 0 }],
    ['volume', { event: 1, end: false, volume: 64, durationTicks: 0 }],
    ['durationTicks', { event: 1, end: false, volume: 0, durationTicks: 65_536 }],
    ['durationTicks', { event: 1, end: false, volume: 0, durationTicks: -1 }],
  ])('refuses to write a %s that does not fit', (field, event) => {
    expect(() => writeTelephoneEvent(event)).toThrow(field);
  });
});
