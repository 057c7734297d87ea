import { describe, expect, it } from '@jest/globals';
import { Nonces } from './nonces.ts';

const MINUTE_MS = 60_000;

describe('a nonce', () => {
  it('is taken once for each count, in any order within a window', () => {
    const nonces = new Nonces();
    const nonce = nonces.issue('s', 0);
    const taken = [1, 1, 3, 2, 2, 40, 39, 8, 9, 9, 40, 41].map((nc) => nonces.use(nonce, nc, 1));
    expect(taken).toEqual([true, false, true, true, false, true, true, false, true, false, false, true]);
  });

  it('counts over its whole range', () => {
    const nonces = new Nonces();
    const nonce = nonces.issue('s', 0);
    expect([0xfffffffe, 1, 0xffffffff, 0xfffffffe].map((nc) => nonces.use(nonce, nc, 1))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('is good for five minutes', () => {
    const nonces = new Nonces();
    const [early, late] = [nonces.issue('s', 0), nonces.issue('s', 0)];
    expect(nonces.use(early, 1, 5 * MINUTE_MS)).toBe(true);
    expect(nonces.use(late, 1, 5 * MINUTE_MS + 1)).toBe(false);
    expect(nonces.use(early, 2, 5 * MINUTE_MS + 1)).toBe(false);
  });

  it('is ours only if we made it', () => {
    const nonces = new Nonces();
    const nonce = nonces.issue('s', 0);
    const changed = `${nonce.startsWith('A') ? 'B' : 'A'}${nonce.slice(1)}`;
    for (const other of [
      '',
      'x',
      changed,
      nonce.slice(0, -1),
      `${nonce}=`,
      `${nonce}A`,
      new Nonces().issue('s', 0),
    ]) {
      expect(nonces.use(other, 1, 1)).toBe(false);
    }
    expect(nonces.use(nonce, 1, 1)).toBe(true);
  });

  it('says whom it was for', () => {
    const nonces = new Nonces();
    const nonce = nonces.issue('198.51.100.7', 0);
    expect(nonces.origin(nonce, '198.51.100.7')).toBe('own');
    expect(nonces.origin(nonce, '198.51.100.8')).toBe('other');
    expect(nonces.origin(new Nonces().issue('198.51.100.7', 0), '198.51.100.7')).toBeUndefined();
  });

  it('that was used and forgotten is never taken again', () => {
    const nonces = new Nonces();
    const first = nonces.issue('s', 1_000);
    expect(nonces.use(first, 1, 1_000)).toBe(true);
    for (let i = 0; i < 65_536; i++) nonces.use(nonces.issue('s', 2_000), 1, 2_000);
    expect(nonces.use(first, 1, 2_000)).toBe(false);
    expect(nonces.use(nonces.issue('s', 2_000), 1, 2_000)).toBe(true);
  });
});
