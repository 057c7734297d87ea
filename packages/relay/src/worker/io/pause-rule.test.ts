import { describe, expect, it } from '@jest/globals';
import { PauseRule } from './pause-rule.ts';

describe('when to wait for more datagrams', () => {
  it('not while there are few', () => {
    let nowMs = 0;
    const rule = new PauseRule(() => nowMs);
    for (; nowMs < 5_000; nowMs += 2) expect(rule.batch(1)).toBe(false);
  });

  it('while there is more than one a ms, and not any more when they are few again', () => {
    let nowMs = 0;
    const rule = new PauseRule(() => nowMs);
    for (; nowMs < 300; nowMs += 1) rule.batch(2);
    expect(rule.batch(2)).toBe(true);
    for (; nowMs < 600; nowMs += 5) rule.batch(1);
    expect(rule.batch(1)).toBe(false);
  });

  it('not for one burst', () => {
    const rule = new PauseRule(() => 0);
    expect(rule.batch(99)).toBe(false);
  });
});
