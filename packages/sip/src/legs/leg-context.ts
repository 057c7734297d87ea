import type { Log, Scheduler } from '@sordino/core';
import type { SipLegEnd } from '@sordino/interception';
import type { EdgeCore } from '../core/edge-core.ts';
import type { Subscriptions } from '../refer/subscription.ts';
import type { Leg } from './leg.ts';
import type { LegBook } from './leg-book.ts';
import type { LegTiming } from './leg-timing.ts';

/** What a leg may use of the endpoint that holds it. */
export interface LegContext {
  /** Of a leg of ours to a name: the right one is known only when its address is, before its INVITE. */
  core: EdgeCore;
  readonly scheduler: Scheduler;
  readonly timing: LegTiming;
  readonly log: Log;
  /** Legs whose BYE is out, by sip.js' dialog id: a BYE that crosses ours still finds them (RFC 5407 §3.1.6). */
  readonly mortal: Map<string, Leg>;
  /** Where the leg is written down for whoever may have to end it in our place. */
  readonly book: LegBook | undefined;
  /** Its listening point, by place in the endpoint's list. */
  point: number;
  /** REFERs of ours that wait for NOTIFYs. */
  readonly subscriptions: Subscriptions;
  /** Called once, when the leg is over. */
  readonly onOver: (leg: Leg, end: SipLegEnd) => void;
}
