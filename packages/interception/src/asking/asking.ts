import type { Log, SessionId } from '@sordino/core';
import { failed } from '../dance/call-failure.ts';
import type { CallLegs } from '../dance/call-legs.ts';

import type { CallFailure, CallFailureCode } from '../events.ts';
import type { PlatformProfile } from '../platform/profile.ts';
import { withCallId } from '../platform/return-address.ts';
import type { ReferAttempt, ReferOutcome, SipCalls, SipDialogId } from '../ports/sip-calls.ts';
import { type AskingEvent, type AskingState, nextAsking } from './asking-state.ts';

export interface AskingPlan {
  readonly session: SessionId;
  readonly platform: PlatformProfile;
  /** The platform's own id of the call. */
  readonly callId: string;
  /** D4 as the platform sees it. */
  readonly dialog: SipDialogId;
  /** Where INVITE 5 shall go. */
  readonly rendezvousUri: string;
}

export interface AskingPorts {
  readonly sip: SipCalls;
  readonly log: Log;
  /** Leg 5 shows how the asking goes until its INVITE is here. */
  readonly legs: CallLegs;
  /** INVITE 5 will not come, and must not be taken any more: nothing has moved. */
  failed(failure: CallFailure): void;
}

/** Outcomes that leave us waiting for INVITE 5. */
type Promising = 'succeeded' | 'unsubscribed';

const FAILURES: Readonly<Record<Exclude<ReferOutcome['how'], Promising>, CallFailureCode>> = {
  refused: 'refer_refused',
  no_answer: 'refer_no_answer',
  no_notify: 'refer_no_notify',
  failed: 'refer_failed',
  terminated: 'refer_failed',
  lost: 'refer_not_sent',
};

/** Flow (b), first form: REFER to the platform with Target-Dialog naming D4 and Refer-To our rendezvous; then all goes as in (a). */
export class Asking {
  readonly #plan: AskingPlan;
  readonly #ports: AskingPorts;
  readonly #attempt: ReferAttempt;
  #state: AskingState = 'asking';

  constructor(plan: AskingPlan, ports: AskingPorts) {
    const { platform, callId, dialog, rendezvousUri } = plan;
    this.#plan = plan;
    this.#ports = ports;
    ports.legs.leg5.apply('invite');
    this.#attempt = ports.sip.refer(
      {
        target: withCallId(platform.refer.targetUri ?? platform.returnUri, callId),
        referTo: rendezvousUri,
        targetDialog: dialog,
        notifyTimeoutMs: platform.refer.notifyTimeoutMs,
        platform: platform.id,
      },
      {
        accepted: (status) => this.#promised(status),
        progress: (status, reason) => this.#progress(status, reason),
        ended: (outcome) => this.#ended(outcome),
      },
    );
    ports.legs.leg5.setSip(this.#attempt.callId, null);
  }

  /** INVITE 5 is here. */
  came(): void {
    this.#move('came');
  }

  giveUp(): void {
    this.#move('failed');
    this.#attempt.giveUp();
  }

  #promised(status: number): void {
    if (!this.#move('promised')) return;
    this.#ports.legs.leg5.setSip(this.#attempt.callId, status);
  }

  #progress(status: number, reason: string): void {
    this.#ports.log.info('the platform tells of INVITE 5', { session: this.#plan.session, status, reason });
    if (!this.#move('promised')) return;
    this.#ports.legs.leg5.setSip(this.#attempt.callId, status);
    this.#ports.legs.leg5.apply('progress', `${status} ${reason}`);
  }

  #ended({ how, status, reason }: ReferOutcome): void {
    const { log, legs } = this.#ports;
    const { session } = this.#plan;
    if (how === 'succeeded' || how === 'unsubscribed') {
      log.info('the platform has no more to tell of INVITE 5', { session, how });
      return;
    }
    const code = FAILURES[how];
    if (!this.#move('failed')) {
      log.warn('a REFER failed whose INVITE 5 had come', { session, code, status, reason });
      return;
    }
    log.warn('the platform was asked for its call in vain', { session, code, status, reason });
    legs.leg5.apply('fail', code);
    this.#ports.failed(failed(code, 'leg5_in', status, reason));
  }

  #move(event: AskingEvent): boolean {
    const next = nextAsking(this.#state, event);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }
}
