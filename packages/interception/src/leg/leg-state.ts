import { type LegState, nextState, type TransitionTable } from '@sordino/core';

/*
 *   idle --invite--> inviting --progress--> early
 *                        |                    |
 *                        +----confirmed-------+
 *                                 v
 *                             confirmed --media--> media_up <--media-- stalled
 *                                 |                  |  `-----stall------^ |
 *                                 +-----release------+---------------------+
 *                                            v
 *                                       terminating --ended--> terminated
 *
 *   ended leads to terminated from every live state (the peer may end a leg without our asking);
 *   fail leads to failed from every live state (refused, no answer, transport lost).
 */
export type LegEvent = 'invite' | 'progress' | 'confirmed' | 'media' | 'stall' | 'release' | 'ended' | 'fail';

export const legTransitions = {
  idle: { invite: 'inviting', fail: 'failed' },
  inviting: {
    progress: 'early',
    confirmed: 'confirmed',
    release: 'terminating',
    ended: 'terminated',
    fail: 'failed',
  },
  early: {
    progress: 'early',
    confirmed: 'confirmed',
    release: 'terminating',
    ended: 'terminated',
    fail: 'failed',
  },
  confirmed: { media: 'media_up', release: 'terminating', ended: 'terminated', fail: 'failed' },
  media_up: { stall: 'stalled', release: 'terminating', ended: 'terminated', fail: 'failed' },
  stalled: { media: 'media_up', release: 'terminating', ended: 'terminated', fail: 'failed' },
  terminating: { ended: 'terminated', fail: 'failed' },
  terminated: {},
  failed: {},
} as const satisfies TransitionTable<LegState, LegEvent>;

export const nextLegState = (state: LegState, event: LegEvent): LegState | undefined =>
  nextState<LegState, LegEvent>(legTransitions, state, event);
