import { describe, expect, it } from '@jest/globals';
import { edgesOf } from '@sordino/core';
import { afterReferEvent, REFER_TRANSITIONS, type ReferEvent, type ReferState } from './refer-state.ts';

const STATES: readonly ReferState[] = ['asked', 'accepted', 'following', 'over'];
const EVENTS: readonly ReferEvent[] = ['success', 'notified', 'over'];

const LEGAL = `
asked --success--> accepted
asked --notified--> following
asked --over--> over
accepted --notified--> following
accepted --over--> over
following --success--> following
following --notified--> following
following --over--> over
`
  .trim()
  .split('\n');

describe('the states of a REFER of ours', () => {
  it.each(LEGAL)('%s', (edge) => {
    const [from, event, to] = edge.split(/ --|--> /) as [ReferState, ReferEvent, ReferState];
    expect(afterReferEvent(from, event)).toBe(to);
  });

  it('have no other edge', () => {
    expect(edgesOf<ReferState, ReferEvent>(REFER_TRANSITIONS)).toEqual(LEGAL);
    const illegal = STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)).filter(
      ([state, event]) => afterReferEvent(state, event) === undefined,
    );
    expect(illegal).toHaveLength(STATES.length * EVENTS.length - LEGAL.length);
  });
});
