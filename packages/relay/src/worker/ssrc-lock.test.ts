import { describe, expect, it } from '@jest/globals';
import { SsrcLock } from './ssrc-lock.ts';

const A = 0xaaaa;
const B = 0xbbbb;
const C = 0xcccc;

describe('which stream of the peer is the call', () => {
  it.each([
    ['the first packet decides', [[A, 1]], ['restarted']],
    [
      'the stream goes on, loss or not',
      [
        [A, 1],
        [A, 2],
        [A, 9],
      ],
      ['restarted', 'same', 'same'],
    ],
    [
      'a second stream is believed at its third packet in sequence',
      [
        [A, 1],
        [B, 70],
        [B, 71],
        [B, 72],
        [B, 73],
      ],
      ['restarted', 'suspect', 'suspect', 'restarted', 'same'],
    ],
    [
      'the numbers of the second stream may wrap',
      [
        [A, 1],
        [B, 0xffff],
        [B, 0],
        [B, 1],
      ],
      ['restarted', 'suspect', 'suspect', 'restarted'],
    ],
    [
      'packets of the old stream between them start the count again',
      [
        [A, 1],
        [B, 70],
        [B, 71],
        [A, 2],
        [B, 72],
        [B, 73],
        [A, 3],
      ],
      ['restarted', 'suspect', 'suspect', 'same', 'suspect', 'suspect', 'same'],
    ],
    [
      'numbers out of sequence start the count again',
      [
        [A, 1],
        [B, 70],
        [B, 90],
        [B, 91],
        [B, 92],
      ],
      ['restarted', 'suspect', 'suspect', 'suspect', 'restarted'],
    ],
    [
      'two strangers in turn get nowhere',
      [
        [A, 1],
        [B, 70],
        [C, 70],
        [B, 71],
        [C, 71],
        [A, 2],
      ],
      ['restarted', 'suspect', 'suspect', 'suspect', 'suspect', 'same'],
    ],
  ] as const)('%s', (_, packets, verdicts) => {
    const lock = new SsrcLock();
    expect(packets.map(([ssrc, sequence]) => lock.judge(ssrc, sequence))).toEqual(verdicts);
    expect(lock.suspects).toBe(verdicts.filter((verdict) => verdict === 'suspect').length);
  });

  it('lets events have a stream of their own beside it, from the third in sequence on', () => {
    const lock = new SsrcLock();
    const verdicts = [
      lock.judge(A, 1),
      lock.judge(B, 70, true),
      lock.judge(A, 2),
      lock.judge(B, 71, true),
      lock.judge(A, 3),
      lock.judge(B, 72, true),
      lock.judge(A, 4),
      lock.judge(B, 73, true),
      lock.judge(B, 74, false),
      lock.judge(A, 5),
      lock.judge(C, 9, true),
      lock.judge(A, 6),
      lock.judge(C, 10, true),
      lock.judge(A, 7),
      lock.judge(C, 11, true),
    ];
    expect(verdicts).toEqual([
      ...['restarted', 'suspect', 'same', 'suspect', 'same', 'beside', 'same', 'beside', 'suspect', 'same'],
      // One such stream, and no other.
      ...['suspect', 'same', 'suspect', 'same', 'suspect'],
    ]);
    expect(lock.ssrc).toBe(A);
    lock.reset();
    expect([lock.judge(A, 8), lock.judge(B, 75, true)]).toEqual(['restarted', 'suspect']);
  });

  it('takes events without audio between them for a restarted stream', () => {
    const lock = new SsrcLock();
    lock.judge(A, 1);
    expect([70, 71, 72, 73].map((sequence) => lock.judge(B, sequence, true))).toEqual([
      'suspect',
      'suspect',
      'restarted',
      'same',
    ]);
  });

  it('lets the first packet of a new peer decide at once', () => {
    const lock = new SsrcLock();
    lock.judge(A, 1);
    lock.reset();
    expect(lock.judge(B, 500)).toBe('restarted');
    expect(lock.ssrc).toBe(B);
    expect(lock.restarts).toBe(0);
  });
});
