import { describe, expect, it } from '@jest/globals';
import { edgesOf, nextState } from '@sordino/core';
import { DIVERSION_TRANSITIONS, type DiversionEvent, type DiversionState } from './diversion-state.ts';

const STATES: readonly DiversionState[] = ['inviting', 'moving', 'engaged', 'restoring', 'over'];
const EVENTS: readonly DiversionEvent[] = [
  'answered',
  'refused',
  'moved',
  'released',
  'restored',
  'call_ended',
];
const LEGAL = [
  'inviting --answered--> moving',
  'inviting --refused--> over',
  'inviting --call_ended--> over',
  'moving --moved--> engaged',
  'moving --released--> restoring',
  'moving --call_ended--> over',
  'engaged --released--> restoring',
  'engaged --call_ended--> over',
  'restoring --restored--> over',
  'restoring --call_ended--> over',
];

describe('the states of a diversion', () => {
  it('have these edges and no others', () => {
    expect(edgesOf(DIVERSION_TRANSITIONS)).toEqual(LEGAL);
  });

  it.each(STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const)))(
    '%s --%s--> as drawn',
    (state, event) => {
      const edge = LEGAL.find((text) => text.startsWith(`${state} --${event}-->`));
      expect(nextState(DIVERSION_TRANSITIONS, state, event)).toBe(edge?.split('--> ')[1]);
    },
  );
});
