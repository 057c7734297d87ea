import { nextState, type TransitionTable } from '@sordino/core';

/**
 * off: the session has no interval · ours: we are the refresher and wait for half of it · refreshing: our UPDATE or
 * re-INVITE is out · theirs: the peer is the refresher · over: the session is given up, or the leg has ended.
 */
export type SessionTimerState = 'off' | 'ours' | 'refreshing' | 'theirs' | 'over';

/**
 * agreed_*, agreed_none: a 2xx to an INVITE, re-INVITE or UPDATE, of either side, said who refreshes (RFC 4028 §7.2, §9) ·
 * half: half of the interval has passed · refused: our refresh got an answer that leaves the dialog as it was · late: no
 * refresh in time · stop: the leg ends.
 */
export type SessionTimerEvent =
  | 'agreed_ours'
  | 'agreed_theirs'
  | 'agreed_none'
  | 'half'
  | 'refused'
  | 'late'
  | 'stop';

/**
 * ```
 *                    agreed_none
 *        off <──────────────────────── from every state but over
 *                    agreed_ours                       half
 *   (any) ───────────────────────────> ours ────────────────────────> refreshing
 *                                       │  ^─────── refused, agreed_ours ──┘ │
 *                    agreed_theirs      │ late                               │ late
 *   (any) ───────────────────────────> theirs ── late ──> over <─────────────┘
 *                                            stop, from every state ──^
 * ```
 * 408 and 481 to our refresh end the leg at once (`stop` follows); a refusal of another kind is tried again until `late`.
 */
export const SESSION_TIMER_TRANSITIONS = {
  off: { agreed_ours: 'ours', agreed_theirs: 'theirs', agreed_none: 'off', stop: 'over' },
  ours: {
    agreed_ours: 'ours',
    agreed_theirs: 'theirs',
    agreed_none: 'off',
    half: 'refreshing',
    late: 'over',
    stop: 'over',
  },
  refreshing: {
    agreed_ours: 'ours',
    agreed_theirs: 'theirs',
    agreed_none: 'off',
    refused: 'ours',
    late: 'over',
    stop: 'over',
  },
  theirs: {
    agreed_ours: 'ours',
    agreed_theirs: 'theirs',
    agreed_none: 'off',
    late: 'over',
    stop: 'over',
  },
  over: {},
} as const satisfies TransitionTable<SessionTimerState, SessionTimerEvent>;

export const afterSessionTimerEvent = (
  state: SessionTimerState,
  event: SessionTimerEvent,
): SessionTimerState | undefined =>
  nextState<SessionTimerState, SessionTimerEvent>(SESSION_TIMER_TRANSITIONS, state, event);
