import { nextState, type TransitionTable } from '@sordino/core';

/**
 * Leg 5 where we take it ourselves, by INVITE with Replaces, and how it goes back (restore c-2).
 *
 *   waiting --offered--> taking --answered--> taken --give--> giving --refused--> retrying --refused--> stuck
 *                                               |               |                    |                   |
 *                                               +---------------+--- leave ----------+-------------------+--> leaving
 *
 *   over from every state: refused, canceled, or BYE, whoever sent it
 *
 * give: REFER with Replaces is out · refused: it came to nothing, whatever became of it · stuck: twice; people talk on through us ·
 * leave: the final NOTIFY said that the customer is back, or there is nobody on leg 7 to give the customer to: only now BYE.
 */
export type TakenLegState =
  | 'waiting'
  | 'taking'
  | 'taken'
  | 'giving'
  | 'retrying'
  | 'stuck'
  | 'leaving'
  | 'over';
export type TakenLegEvent = 'offered' | 'answered' | 'give' | 'refused' | 'leave' | 'over';

export const TAKEN_LEG_TRANSITIONS = {
  waiting: { offered: 'taking', over: 'over' },
  taking: { answered: 'taken', over: 'over' },
  taken: { give: 'giving', leave: 'leaving', over: 'over' },
  giving: { refused: 'retrying', leave: 'leaving', over: 'over' },
  retrying: { refused: 'stuck', leave: 'leaving', over: 'over' },
  stuck: { leave: 'leaving', over: 'over' },
  leaving: { over: 'over' },
  over: {},
} as const satisfies TransitionTable<TakenLegState, TakenLegEvent>;

/** The next state, or undefined where the event changes nothing. */
export const nextTakenLeg = (state: TakenLegState, event: TakenLegEvent): TakenLegState | undefined =>
  nextState<TakenLegState, TakenLegEvent>(TAKEN_LEG_TRANSITIONS, state, event);
