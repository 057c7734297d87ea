import { nextState, type Topology, type TransitionTable } from '@sordino/core';

/*
 *   original --invited--> engaging --engaged--> engaged --release--> restoring --restored--> restored
 *      ^                     |                     |                    |                       ^
 *      +------refused--------+                     +-----degraded-------+--> degraded ----------+
 *   (before the commit point)                                                 |
 *                                                                             +--release--> restoring
 *   lost from every state in which we are in the call: the customer or the platform ended it.
 */
export type TopologyEvent = 'invited' | 'refused' | 'engaged' | 'release' | 'restored' | 'degraded' | 'lost';

export const topologyTransitions = {
  original: { invited: 'engaging' },
  engaging: { refused: 'original', engaged: 'engaged', release: 'restoring', lost: 'lost' },
  engaged: { release: 'restoring', degraded: 'degraded', lost: 'lost' },
  restoring: { restored: 'restored', degraded: 'degraded', lost: 'lost' },
  degraded: { release: 'restoring', restored: 'restored', lost: 'lost' },
  restored: {},
  lost: {},
} as const satisfies TransitionTable<Topology, TopologyEvent>;

export const nextTopology = (state: Topology, event: TopologyEvent): Topology | undefined =>
  nextState<Topology, TopologyEvent>(topologyTransitions, state, event);
