import { describe, expect, it } from '@jest/globals';
import { OneWayWatch } from './one-way-watch.ts';

function watchFrom(expectedMs: number): OneWayWatch {
  const watch = new OneWayWatch();
  watch.expect(expectedMs);
  return watch;
}

describe('audio in one direction only', () => {
  it.each([
    ['both are heard', { heardMs: 9_990 }, null],
    ['the peer never came', {}, 'not_heard'],
    ['the peer went silent', { heardMs: 8_000 }, 'not_heard'],
    ['it may still come', { heardMs: 8_001 }, null],
    ['it is on hold: silent by agreement', { owesUs: false }, null],
    ['we send nothing either', { sentMs: 9_749 }, null],
    ['we may not send', { sentMs: undefined }, null],
    ['it says that nothing of ours arrives', { heardMs: 9_990, isDeaf: true }, 'not_hearing'],
    ['on hold it may say so too', { owesUs: false, isDeaf: true }, 'not_hearing'],
    ['neither hears the other: what is missing here is told first', { isDeaf: true }, 'not_heard'],
  ])('%s', (_, situation, oneWay) => {
    const { heardMs, sentMs, owesUs, isDeaf } = {
      heardMs: undefined,
      sentMs: 9_990,
      owesUs: true,
      isDeaf: false,
      ...situation,
    };
    const watch = watchFrom(0);
    if (heardMs !== undefined) watch.heard(heardMs);
    expect(watch.tick(10_000, sentMs, owesUs, isDeaf)).toBe(oneWay !== null);
    expect(watch.now).toBe(oneWay);
  });

  it('is told once when it begins and once when it ends', () => {
    const watch = watchFrom(0);
    const changes = [1_990, 2_000, 2_010, 5_000].map((ms) => watch.tick(ms, ms, true, false));
    watch.heard(5_010);
    changes.push(watch.tick(5_015, 5_010, true, false), watch.tick(5_020, 5_010, true, false));
    expect(changes).toEqual([false, true, false, false, true, false]);
  });

  it('gives a peer that comes back from hold its two seconds', () => {
    const watch = watchFrom(0);
    watch.expect(60_000);
    expect(watch.tick(61_999, 61_990, true, false)).toBe(false);
    expect(watch.tick(62_000, 61_990, true, false)).toBe(true);
  });

  it('is nothing before there is a peer', () => {
    expect(new OneWayWatch().tick(1e9, 1e9, true, false)).toBe(false);
  });
});
