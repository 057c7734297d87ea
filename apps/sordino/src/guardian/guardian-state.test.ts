import { describe, expect, it } from '@jest/globals';
import { edgesOf } from '@sordino/core';
import {
  afterGuardianEvent,
  GUARDIAN_TRANSITIONS,
  type GuardianEvent,
  type GuardianState,
} from './guardian-state.ts';

const EDGES = [
  'starting --ready--> serving',
  'starting --died--> parting',
  'starting --stop--> stopping',
  'serving --died--> parting',
  'serving --stop--> stopping',
  'stopping --died--> leaving',
  'stopping --stop--> stopping',
  'parting --parted--> resting',
  'parting --given-up--> ended',
  'parting --stop--> leaving',
  'resting --rested--> starting',
  'resting --stop--> ended',
  'leaving --parted--> ended',
  'leaving --given-up--> ended',
];
const EVENTS: readonly GuardianEvent[] = ['ready', 'died', 'parted', 'given-up', 'rested', 'stop'];

describe('the guardian', () => {
  it('has these edges and no others', () => {
    expect(edgesOf(GUARDIAN_TRANSITIONS)).toEqual(EDGES);
  });

  it('takes no other event in any state', () => {
    const states = Object.keys(GUARDIAN_TRANSITIONS) as GuardianState[];
    const taken = states.flatMap((state) =>
      EVENTS.flatMap((event) => {
        const next = afterGuardianEvent(state, event);
        return next === undefined ? [] : [`${state} --${event}--> ${next}`];
      }),
    );
    expect(taken.sort()).toEqual([...EDGES].sort());
  });
});
