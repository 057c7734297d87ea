import type { FaultExpectation, FaultName, SessionId } from '@sordino/core';

/** What the call side has to say about the failures that it can rehearse. Who may ask is decided before. */
export interface FaultDesk {
  /**
   * `unknown`: the session's call is not, or not any more, on this process · `too_late`: the call is beyond the point where it could take effect ·
   * `not_possible`: never with this platform's profile · `not_guarded`: nobody would hand the calls back · `live_calls`: it would touch them.
   */
  arm(session: SessionId, fault: FaultName): 'armed' | 'fired' | FaultRefusal;
  stateOf(session: SessionId, fault: FaultName): 'armed' | 'fired';
  expected(session: SessionId, fault: FaultName): FaultExpectation;
}

export type FaultRefusal = 'unknown' | 'too_late' | 'not_possible' | 'not_guarded' | 'live_calls';
