import { describe, expect, it } from '@jest/globals';
import { edgesOf, type Topology } from '@sordino/core';
import { nextTopology, type TopologyEvent, topologyTransitions } from './topology-state.ts';

const states = Object.keys(topologyTransitions) as Topology[];
const events: TopologyEvent[] = ['invited', 'refused', 'engaged', 'release', 'restored', 'degraded', 'lost'];

describe('topology', () => {
  it('has exactly these edges', () => {
    expect(edgesOf(topologyTransitions)).toEqual([
      'original --invited--> engaging',
      'engaging --refused--> original',
      'engaging --engaged--> engaged',
      'engaging --release--> restoring',
      'engaging --lost--> lost',
      'engaged --release--> restoring',
      'engaged --degraded--> degraded',
      'engaged --lost--> lost',
      'restoring --restored--> restored',
      'restoring --degraded--> degraded',
      'restoring --lost--> lost',
      'degraded --release--> restoring',
      'degraded --restored--> restored',
      'degraded --lost--> lost',
    ]);
  });

  it('refuses every other event in every state', () => {
    const legal = new Set(edgesOf(topologyTransitions).map((edge) => edge.split('-->')[0]));
    const refused = states.flatMap((state) =>
      events.filter((event) => !legal.has(`${state} --${event}`)).map((event) => nextTopology(state, event)),
    );
    expect(refused).toHaveLength(states.length * events.length - legal.size);
    expect(new Set(refused)).toEqual(new Set([undefined]));
  });
});
