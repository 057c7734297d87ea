import { describe, expect, it } from '@jest/globals';
import { edgesOf } from '@sordino/core';
import type { SipLegState } from '@sordino/interception';
import { afterLegEvent, LEG_TRANSITIONS, type LegEvent } from './leg-state.ts';

const STATES: readonly SipLegState[] = [
  'offered',
  'dialing',
  'early',
  'accepted',
  'confirmed',
  'ending',
  'ended',
];
const EVENTS: readonly LegEvent[] = ['provisional', 'success', 'acknowledged', 'closing', 'over'];

const LEGAL = `
offered --provisional--> early
offered --success--> accepted
offered --over--> ended
dialing --provisional--> early
dialing --success--> accepted
dialing --closing--> ending
dialing --over--> ended
early --provisional--> early
early --success--> accepted
early --closing--> ending
early --over--> ended
accepted --acknowledged--> confirmed
accepted --closing--> ending
accepted --over--> ended
confirmed --closing--> ending
confirmed --over--> ended
ending --success--> ending
ending --acknowledged--> ending
ending --over--> ended
`
  .trim()
  .split('\n');

describe('the states of a leg', () => {
  it.each(LEGAL)('%s', (edge) => {
    const [from, event, to] = edge.split(/ --|--> /) as [SipLegState, LegEvent, SipLegState];
    expect(afterLegEvent(from, event)).toBe(to);
  });

  it('have no other edge', () => {
    expect(edgesOf<SipLegState, LegEvent>(LEG_TRANSITIONS)).toEqual(LEGAL);
    const illegal = STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)).filter(
      ([state, event]) => afterLegEvent(state, event) === undefined,
    );
    expect(illegal).toHaveLength(STATES.length * EVENTS.length - LEGAL.length);
  });

  it('cannot leave ended', () => {
    for (const event of EVENTS) expect(afterLegEvent('ended', event)).toBeUndefined();
  });
});
