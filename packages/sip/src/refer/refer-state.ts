import { nextState, type TransitionTable } from '@sordino/core';

/** asked: REFER is out · accepted: 2xx, and no NOTIFY yet · following: the first NOTIFY was here · over: nothing more is told. */
export type ReferState = 'asked' | 'accepted' | 'following' | 'over';
export type ReferEvent = 'success' | 'notified' | 'over';

/**
 * ```
 *  asked --success--> accepted --notified--> following (notified, success: stays)
 *    |                    |                      ^ |
 *    +------------------ notified ---------------+ |       RFC 3515 §2.4.4: a NOTIFY can be here before the 2xx
 *    |                    |                        |
 *    +------over----------+----------over----------+--> over
 * ```
 * A refusal, a final NOTIFY, the end of the subscription and each timer lead to `over`.
 */
export const REFER_TRANSITIONS = {
  asked: { success: 'accepted', notified: 'following', over: 'over' },
  accepted: { notified: 'following', over: 'over' },
  following: { success: 'following', notified: 'following', over: 'over' },
  over: {},
} as const satisfies TransitionTable<ReferState, ReferEvent>;

/** The next state, or `undefined` where the event means nothing there (it came too late, or twice). */
export const afterReferEvent = (state: ReferState, event: ReferEvent): ReferState | undefined =>
  nextState<ReferState, ReferEvent>(REFER_TRANSITIONS, state, event);
