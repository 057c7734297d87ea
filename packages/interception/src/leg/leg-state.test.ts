import { describe, expect, it } from '@jest/globals';
import { edgesOf, type LegState } from '@sordino/core';
import { type LegEvent, legTransitions, nextLegState } from './leg-state.ts';

const states = Object.keys(legTransitions) as LegState[];
const events: LegEvent[] = ['invite', 'progress', 'confirmed', 'media', 'stall', 'release', 'ended', 'fail'];

describe('leg state', () => {
  it('has exactly these edges', () => {
    expect(edgesOf(legTransitions)).toEqual([
      'idle --invite--> inviting',
      'idle --fail--> failed',
      'inviting --progress--> early',
      'inviting --confirmed--> confirmed',
      'inviting --release--> terminating',
      'inviting --ended--> terminated',
      'inviting --fail--> failed',
      'early --progress--> early',
      'early --confirmed--> confirmed',
      'early --release--> terminating',
      'early --ended--> terminated',
      'early --fail--> failed',
      'confirmed --media--> media_up',
      'confirmed --release--> terminating',
      'confirmed --ended--> terminated',
      'confirmed --fail--> failed',
      'media_up --stall--> stalled',
      'media_up --release--> terminating',
      'media_up --ended--> terminated',
      'media_up --fail--> failed',
      'stalled --media--> media_up',
      'stalled --release--> terminating',
      'stalled --ended--> terminated',
      'stalled --fail--> failed',
      'terminating --ended--> terminated',
      'terminating --fail--> failed',
    ]);
  });

  it('refuses every other event in every state', () => {
    const legal = new Set(edgesOf(legTransitions).map((edge) => edge.split('-->')[0]));
    const refused = states.flatMap((state) =>
      events.filter((event) => !legal.has(`${state} --${event}`)).map((event) => nextLegState(state, event)),
    );
    expect(refused).toHaveLength(states.length * events.length - legal.size);
    expect(new Set(refused)).toEqual(new Set([undefined]));
  });

  it('lets every live leg fail and leaves the dead ones dead', () => {
    const dead = states.filter((state) => nextLegState(state, 'fail') === undefined);
    expect(dead).toEqual(['terminated', 'failed']);
  });
});
