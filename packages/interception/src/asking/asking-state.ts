import { nextState, type TransitionTable } from '@sordino/core';

/**
 * Flow (b): we ask the platform for its call, and what becomes of that until INVITE 5 is here.
 *
 *   asking --promised--> promised (promised: stays)      promised: the REFER has its 2xx, or a NOTIFY came before that
 *      |                    |
 *      +-------came---------+--> came    INVITE 5 is here: from now on it says itself what becomes of it, and NOTIFYs are only logged
 *      |                    |
 *      +------failed--------+--> over    refused, no answer, no NOTIFY, a failure told by NOTIFY; or we want it no more
 *
 * INVITE 5 may overtake the 2xx and every NOTIFY.
 */
export type AskingState = 'asking' | 'promised' | 'came' | 'over';
export type AskingEvent = 'promised' | 'came' | 'failed';

export const ASKING_TRANSITIONS = {
  asking: { promised: 'promised', came: 'came', failed: 'over' },
  promised: { promised: 'promised', came: 'came', failed: 'over' },
  came: {},
  over: {},
} as const satisfies TransitionTable<AskingState, AskingEvent>;

/** The next state, or undefined where the event changes nothing any more. */
export const nextAsking = (state: AskingState, event: AskingEvent): AskingState | undefined =>
  nextState<AskingState, AskingEvent>(ASKING_TRANSITIONS, state, event);
