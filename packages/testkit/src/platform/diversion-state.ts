import type { TransitionTable } from '@sordino/core';

/**
 * One diversion of a call, as the platform lives it.
 *
 *   inviting --answered--> moving --moved--> engaged --released--> restoring --restored--> over
 *      |                     |                  |                      |
 *      |                     +----released------|--> restoring         |
 *      +--refused--> over    +----call_ended----+----------------------+--> over
 *
 * answered: 200 on leg 5 · moved: the customer's media goes to Sordino · released: leg 5 is gone, or leg 7 while we need it ·
 * restored: the customer is back and leg 7 is gone · call_ended: the customer or the platform hung up altogether.
 */
export type DiversionState = 'inviting' | 'moving' | 'engaged' | 'restoring' | 'over';
export type DiversionEvent = 'answered' | 'refused' | 'moved' | 'released' | 'restored' | 'call_ended';

export const DIVERSION_TRANSITIONS: TransitionTable<DiversionState, DiversionEvent> = {
  inviting: { answered: 'moving', refused: 'over', call_ended: 'over' },
  moving: { moved: 'engaged', released: 'restoring', call_ended: 'over' },
  engaged: { released: 'restoring', call_ended: 'over' },
  restoring: { restored: 'over', call_ended: 'over' },
  over: {},
};
