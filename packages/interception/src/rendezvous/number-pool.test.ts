import { describe, expect, it } from '@jest/globals';
import { NumberPool } from './number-pool.ts';

describe('a pool of one-time numbers', () => {
  it('gives each number once, and none when all are out', () => {
    const pool = new NumberPool(['+441', '+442'], 1_000);
    expect([pool.take(0), pool.take(0), pool.take(0)]).toEqual(['+441', '+442', null]);
    expect(pool.sizes(0)).toEqual({ size: 2, free: 0, cooling: 0 });
  });

  it('lets a used number rest, so that a late INVITE meets nobody', () => {
    const pool = new NumberPool(['+441'], 1_000);
    pool.take(0);
    pool.release('+441', 500);
    expect(pool.take(1_499)).toBeNull();
    expect(pool.sizes(1_499)).toEqual({ size: 1, free: 0, cooling: 1 });
    expect(pool.sizes(1_500)).toEqual({ size: 1, free: 1, cooling: 0 });
    expect(pool.take(1_500)).toBe('+441');
  });

  it('takes the number that rested longest', () => {
    const pool = new NumberPool(['+441', '+442'], 0);
    pool.release(pool.take(0) ?? '', 10);
    expect([pool.take(20), pool.take(20)]).toEqual(['+442', '+441']);
  });

  it('may be empty', () => {
    const pool = new NumberPool([], 0);
    expect(pool.take(0)).toBeNull();
    expect(pool.sizes(0)).toEqual({ size: 0, free: 0, cooling: 0 });
  });
});
