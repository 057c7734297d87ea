import { nextState, type TransitionTable } from '@sordino/core';
import type { SipLegState } from '@sordino/interception';

/**
 * provisional: a 101-199 was sent or received · success: a 2xx was sent or received · acknowledged: the ACK of that 2xx was
 * sent or received · closing: we want it over, and a CANCEL or BYE is out or waits for the ACK · over: nothing more will happen.
 */
export type LegEvent = 'provisional' | 'success' | 'acknowledged' | 'closing' | 'over';

/**
 * ```
 *  UAS: offered ─┐ provisional           success          acknowledged
 *                ├──────────────> early ────────> accepted ───────────> confirmed
 *  UAC: dialing ─┘                  │               │                       │
 *        │  │      success          │               │                       │
 *        │  └───────────────────────┼─────────────> │                       │
 *        │ closing                  │ closing       │ closing               │ closing
 *        └────────────────> ending <┴───────────────┴───────────────────────┘
 *                             │ over
 *                             └────> ended <──── over, from every state
 * ```
 * A refusal and an accepted CANCEL go straight to `ended`. In `ending` a late 2xx is acknowledged and closed by BYE, and
 * the state stays.
 */
export const LEG_TRANSITIONS = {
  offered: { provisional: 'early', success: 'accepted', over: 'ended' },
  dialing: { provisional: 'early', success: 'accepted', closing: 'ending', over: 'ended' },
  early: { provisional: 'early', success: 'accepted', closing: 'ending', over: 'ended' },
  accepted: { acknowledged: 'confirmed', closing: 'ending', over: 'ended' },
  confirmed: { closing: 'ending', over: 'ended' },
  ending: { success: 'ending', acknowledged: 'ending', over: 'ended' },
  ended: {},
} as const satisfies TransitionTable<SipLegState, LegEvent>;

/** The next state, or `undefined` where the event means nothing there (it came too late, or twice). */
export const afterLegEvent = (state: SipLegState, event: LegEvent): SipLegState | undefined =>
  nextState<SipLegState, LegEvent>(LEG_TRANSITIONS, state, event);
