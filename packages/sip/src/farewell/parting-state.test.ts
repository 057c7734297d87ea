import { describe, expect, it } from '@jest/globals';
import { edgesOf } from '@sordino/core';
import {
  afterPartingEvent,
  PARTING_TRANSITIONS,
  type PartingEvent,
  type PartingState,
} from './parting-state.ts';

const EDGES = [
  'refusing --acknowledged--> gone',
  'refusing --hung-up--> gone',
  'canceling --refused--> gone',
  'canceling --unknown--> gone',
  'canceling --accepted--> closing',
  'canceling --taken--> giving',
  'giving --settled--> closing',
  'giving --due--> closing',
  'giving --hung-up--> gone',
  'lingering --due--> closing',
  'lingering --hung-up--> gone',
  'closing --answered--> gone',
  'closing --hung-up--> gone',
  'closing --acknowledged--> gone',
];
const EVENTS: readonly PartingEvent[] = [
  'acknowledged',
  'refused',
  'accepted',
  'taken',
  'unknown',
  'settled',
  'due',
  'answered',
  'hung-up',
];

describe('the parting of a leg', () => {
  it('has these edges and no others', () => {
    expect(edgesOf(PARTING_TRANSITIONS)).toEqual(EDGES);
  });

  it('takes no other event in any state', () => {
    const taken = (Object.keys(PARTING_TRANSITIONS) as PartingState[]).flatMap((state) =>
      EVENTS.flatMap((event) => {
        const next = afterPartingEvent(state, event);
        return next === undefined ? [] : [`${state} --${event}--> ${next}`];
      }),
    );
    expect(taken.sort()).toEqual([...EDGES].sort());
  });
});
