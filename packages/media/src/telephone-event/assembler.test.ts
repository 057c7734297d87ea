import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventAssembler } from './assembler.ts';

const SSRC = 0xc0ffee;

function receiver() {
  const log: string[] = [];
  let reached = 0;
  const assembler = new EventAssembler({
    started: (event, timestamp) => log.push(`start ${event}@${timestamp}`),
    reaches: (timestamp) => {
      reached = timestamp;
    },
    ended: () => log.push('end'),
  });
  const packet = (event: number, timestamp: number, durationTicks: number, end = false, ssrc = SSRC): void =>
    assembler.packet({ event, end, volume: 10, durationTicks }, timestamp, ssrc);
  return { assembler, log, packet, reached: () => reached };
}

describe('event assembler: one start per press', () => {
  it('three updates and three ends are one event', () => {
    const { log, packet, reached } = receiver();
    for (const duration of [160, 320, 480]) packet(5, 1000, duration);
    for (const _ of [1, 2, 3]) packet(5, 1000, 800, true);
    expect(log).toEqual(['start 5@1000', 'end']);
    expect(reached()).toBe(1800);
  });

  it('the first packets were lost: the end alone tells it', () => {
    const { log, packet } = receiver();
    packet(5, 1000, 800, true);
    packet(5, 1000, 800, true);
    expect(log).toEqual(['start 5@1000', 'end']);
  });

  it('all ends were lost: the next event ends the first', () => {
    const { log, packet } = receiver();
    packet(4, 1000, 160);
    packet(4, 3000, 160);
    expect(log).toEqual(['start 4@1000', 'end', 'start 4@3000']);
  });

  it('all ends were lost and nothing follows: the owner says when', () => {
    const { assembler, log, packet } = receiver();
    packet(4, 1000, 160);
    assembler.silence();
    assembler.silence();
    packet(4, 1000, 320, true);
    expect(log).toEqual(['start 4@1000', 'end']);
  });

  it('an end that was overtaken by the next event is no third event', () => {
    const { log, packet } = receiver();
    packet(1, 1000, 800, true);
    packet(2, 3000, 160);
    packet(1, 1000, 800, true);
    packet(2, 3000, 320);
    expect(log).toEqual(['start 1@1000', 'end', 'start 2@3000']);
  });

  it('the same key pressed twice is two events', () => {
    const { log, packet } = receiver();
    packet(4, 1000, 800, true);
    packet(4, 2400, 800, true);
    expect(log).toEqual(['start 4@1000', 'end', 'start 4@2400', 'end']);
  });

  it('a press of ten seconds comes in segments and is one event (RFC 4733 2.5.1.3)', () => {
    const { log, packet, reached } = receiver();
    packet(7, 1000, 0xffff);
    packet(7, 1000 + 0xffff, 160);
    packet(7, 1000 + 0xffff, 14_465, true);
    expect(log).toEqual(['start 7@1000', 'end']);
    expect(reached()).toBe(81_000);
  });

  it('a segment whose predecessor was lost altogether still belongs to the press', () => {
    const { log, packet } = receiver();
    packet(7, 0, 8000);
    packet(7, 2 * 0xffff, 8000, true);
    expect(log).toEqual(['start 7@0', 'end']);
  });

  it('another key a segment later, or the same key after its end, is a new press', () => {
    const { log, packet } = receiver();
    packet(7, 0, 0xffff);
    packet(8, 0xffff, 160, true);
    packet(8, 2 * 0xffff, 160, true);
    expect(log).toEqual(['start 7@0', 'end', 'start 8@65535', 'end', 'start 8@131070', 'end']);
  });

  it('another SSRC with the same timestamp is another event', () => {
    const { log, packet } = receiver();
    packet(4, 1000, 800, true);
    packet(4, 1000, 800, true, 0xbeef);
    expect(log).toHaveLength(4);
  });

  it('timestamps wrap', () => {
    const { log, packet, reached } = receiver();
    packet(4, 0xffff_ff00, 400, true);
    packet(4, 0x400, 160);
    expect(log).toEqual(['start 4@4294967040', 'end', 'start 4@1024']);
    expect(reached()).toBe(0x400 + 160);
  });

  it('forgets what it knew when wiped', () => {
    const { assembler, log, packet } = receiver();
    packet(4, 1000, 800, true);
    assembler.wipe();
    packet(4, 1000, 800, true);
    expect(log).toHaveLength(4);
  });

  it('counts every press once as long as one of its packets arrives, with any loss and duplication', () => {
    const presses = fc.array(
      fc.record({
        key: fc.integer({ min: 0, max: 15 }),
        arrives: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 9 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(presses, (pressed) => {
        const { log, packet } = receiver();
        pressed.forEach(({ key, arrives }, n) => {
          for (const which of arrives)
            packet(key, 1000 + n * 1600, Math.min(800, (which + 1) * 160), which > 3);
        });
        expect(log.filter((line) => line.startsWith('start'))).toEqual(
          pressed.map(({ key }, n) => `start ${key}@${1000 + n * 1600}`),
        );
      }),
    );
  });
});
