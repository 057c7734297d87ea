import type { RandomBytes } from './ids.ts';

const POOL_BYTES = 4_096;

/** Draws from `random` in one go for many small wants: each draw from the system costs as much as parsing a SIP header. */
export function pooledRandom(random: RandomBytes): RandomBytes {
  let pool = new Uint8Array(0);
  let used = 0;
  return (count) => {
    if (count > POOL_BYTES) return random(count);
    if (used + count > pool.length) {
      pool = new Uint8Array(random(POOL_BYTES));
      used = 0;
    }
    const drawn = pool.slice(used, used + count);
    // What was handed out once is nowhere else.
    pool.fill(0, used, used + count);
    used += count;
    return drawn;
  };
}
