import { expect, test } from '@jest/globals';
import { pooledRandom } from './pooled-random.ts';

/** 0, 1, 2, … and how often it was asked. */
function counting() {
  let next = 0;
  const draws: number[] = [];
  const random = (count: number): Uint8Array => {
    draws.push(count);
    return Uint8Array.from({ length: count }, () => next++ % 251);
  };
  return { random, draws };
}

test('hands each byte of the source out once, in order', () => {
  const { random, draws } = counting();
  const drawn = pooledRandom(random);
  const bytes = [1, 26, 4, 10].flatMap((count) => [...drawn(count)]);
  expect(bytes).toEqual([...counting().random(41)]);
  expect(draws).toHaveLength(1);
});

test('draws anew for what the pool has no longer', () => {
  let draw = 0;
  const drawn = pooledRandom((count) => new Uint8Array(count).fill(++draw));
  expect(new Set(drawn(4_000))).toEqual(new Set([1]));
  expect(new Set(drawn(200))).toEqual(new Set([2]));
});

test('what was drawn is the caller’s: nothing that follows changes it', () => {
  const drawn = pooledRandom(counting().random);
  const first = drawn(4);
  drawn(4).fill(99);
  expect([...first]).toEqual([0, 1, 2, 3]);
  expect([...drawn(2)]).toEqual([8, 9]);
});

test('what is larger than the pool comes from the source', () => {
  const { random, draws } = counting();
  expect(pooledRandom(random)(10_000)).toHaveLength(10_000);
  expect(draws).toEqual([10_000]);
});
