import { describe, expect, it } from '@jest/globals';
import { edgesOf } from '@sordino/core';
import { ASKING_TRANSITIONS, type AskingEvent, type AskingState, nextAsking } from './asking-state.ts';

const states = Object.keys(ASKING_TRANSITIONS) as AskingState[];
const events: AskingEvent[] = ['promised', 'came', 'failed'];

describe('asking for a call', () => {
  it('has exactly these edges', () => {
    expect(edgesOf(ASKING_TRANSITIONS)).toEqual([
      'asking --promised--> promised',
      'asking --came--> came',
      'asking --failed--> over',
      'promised --promised--> promised',
      'promised --came--> came',
      'promised --failed--> over',
    ]);
  });

  it('refuses every other event in every state: once INVITE 5 came, no NOTIFY can fail it', () => {
    const legal = new Set(edgesOf(ASKING_TRANSITIONS).map((edge) => edge.split('-->')[0]));
    const refused = states.flatMap((state) =>
      events.filter((event) => !legal.has(`${state} --${event}`)).map((event) => nextAsking(state, event)),
    );
    expect(refused).toHaveLength(states.length * events.length - legal.size);
    expect(new Set(refused)).toEqual(new Set([undefined]));
  });
});
