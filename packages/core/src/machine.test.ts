import { describe, expect, it } from '@jest/globals';
import { edgesOf, nextState, type TransitionTable } from './machine.ts';

const door = {
  open: { close: 'closed' },
  closed: { open: 'open', lock: 'locked' },
  locked: {},
} as const satisfies TransitionTable<'open' | 'closed' | 'locked', 'open' | 'close' | 'lock'>;

describe('a transition table', () => {
  it('leads along its edges and nowhere else', () => {
    expect(nextState<'open' | 'closed' | 'locked', 'open' | 'close' | 'lock'>(door, 'open', 'close')).toBe(
      'closed',
    );
    expect(
      nextState<'open' | 'closed' | 'locked', 'open' | 'close' | 'lock'>(door, 'locked', 'open'),
    ).toBeUndefined();
  });

  it('prints its edges', () => {
    expect(edgesOf(door)).toEqual([
      'open --close--> closed',
      'closed --open--> open',
      'closed --lock--> locked',
    ]);
  });
});
