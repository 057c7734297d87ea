import { describe, expect, it } from '@jest/globals';
import { edgesOf } from '@sordino/core';
import {
  nextTakenLeg,
  TAKEN_LEG_TRANSITIONS,
  type TakenLegEvent,
  type TakenLegState,
} from './taken-leg-state.ts';

const states = Object.keys(TAKEN_LEG_TRANSITIONS) as TakenLegState[];
const events: TakenLegEvent[] = ['offered', 'answered', 'give', 'refused', 'leave', 'over'];

describe('a leg 5 that we took', () => {
  it('has exactly these edges', () => {
    expect(edgesOf(TAKEN_LEG_TRANSITIONS)).toEqual([
      'waiting --offered--> taking',
      'waiting --over--> over',
      'taking --answered--> taken',
      'taking --over--> over',
      'taken --give--> giving',
      'taken --leave--> leaving',
      'taken --over--> over',
      'giving --refused--> retrying',
      'giving --leave--> leaving',
      'giving --over--> over',
      'retrying --refused--> stuck',
      'retrying --leave--> leaving',
      'retrying --over--> over',
      'stuck --leave--> leaving',
      'stuck --over--> over',
      'leaving --over--> over',
    ]);
  });

  it('refuses every other event in every state', () => {
    const legal = new Set(edgesOf(TAKEN_LEG_TRANSITIONS).map((edge) => edge.split('-->')[0]));
    const refused = states.flatMap((state) =>
      events.filter((event) => !legal.has(`${state} --${event}`)).map((event) => nextTakenLeg(state, event)),
    );
    expect(refused).toHaveLength(states.length * events.length - legal.size);
    expect(new Set(refused)).toEqual(new Set([undefined]));
  });
});
