import type { Log, SessionId } from '@sordino/core';
import type { LegRecord } from '../leg/leg-record.ts';

/**
 * REFER on leg 5 or 7: the call is not ours to send elsewhere, and the platform may transfer it when it has it back (603). The agent's side sees
 * that somebody tried. Refer-To can name people, so it is not logged.
 */
export const refuseRefer = (log: Log, session: SessionId, leg: LegRecord) => (): number => {
  log.warn('REFER refused while the call is here', { session, leg: leg.role });
  leg.note('refer_refused');
  return 603;
};
