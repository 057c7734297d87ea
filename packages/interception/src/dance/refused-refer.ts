import type { Log, SessionId } from '@sordino/core';

/**
 * REFER on leg 5 or 7: the call is not ours to send elsewhere, and the platform may transfer it when it has it back (603).
 * Refer-To can name people, so it is not logged.
 */
export const refuseRefer = (log: Log, session: SessionId, leg: 'leg5_in' | 'leg7_out') => (): number => {
  log.warn('REFER refused while the call is here', { session, leg });
  return 603;
};
