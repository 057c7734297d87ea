import type { Reoffer, SdpText, SipHeaders } from '@sordino/interception';
import { type ReInviteUserAgentServer, TransactionState } from 'sip.js/lib/core/index.js';
import type { EdgeRequest } from '../core/edge-message.ts';
import { headerLines } from '../core/header-lines.ts';
import { dialogOf } from '../core/library-internals.ts';
import { ALLOW_LINE } from '../core/screening.ts';
import { sdpBody } from '../core/session-body.ts';
import type { LegContext } from './leg-context.ts';

/** A re-INVITE of the peer until it is answered, once: by the application, by CANCEL, by the end of the leg, or by the clock. */
export class IncomingReoffer implements Reoffer {
  readonly method = 'INVITE';
  readonly sdp: SdpText | undefined;
  readonly #context: LegContext;
  readonly #uas: ReInviteUserAgentServer;
  readonly #onNoAck: () => void;
  readonly #stopClock: () => void;
  #answered = false;

  constructor(context: LegContext, uas: ReInviteUserAgentServer, onNoAck: () => void) {
    this.#context = context;
    this.#uas = uas;
    this.#onNoAck = onNoAck;
    this.sdp = (uas.message as EdgeRequest).sdp;
    uas.delegate = { onCancel: () => this.reject(487) };
    this.#stopClock = context.scheduler.after(context.timing.reofferAnswerMs, () => {
      context.log.error('re-INVITE was not answered by the application');
      this.reject(500);
    });
  }

  get wasOfferless(): boolean {
    return this.sdp === undefined;
  }

  accept(sdp: SdpText): void {
    const body = sdpBody(sdp);
    if (!this.#settle()) return;
    this.#watchForAck();
    // RFC 3261 §12.1.1 asks for a Contact in each answer that refreshes the target; sip.js adds none.
    this.#uas.accept({ statusCode: 200, body, extraHeaders: [this.#context.core.contactLine, ALLOW_LINE] });
  }

  reject(status: number, headers?: SipHeaders): void {
    const extraHeaders = headerLines(headers);
    if (status < 400 || status > 699) throw new TypeError(`A re-INVITE cannot be refused with ${status}`);
    if (this.#settle()) this.#uas.reject({ statusCode: status, extraHeaders });
  }

  /** RFC 3261 §15.1.2: what is still pending when the session ends is answered 487. */
  legEnded(): void {
    this.reject(487);
  }

  #settle(): boolean {
    if (this.#answered) return false;
    this.#answered = true;
    this.#stopClock();
    return true;
  }

  #watchForAck(): void {
    const { transaction } = this.#uas;
    transaction.addStateChangeListener(() => {
      // Timer L: sip.js would refuse all later re-INVITEs of this dialog with 500 and say nothing.
      if (transaction.state !== TransactionState.Terminated) return;
      if (dialogOf(this.#uas).reinviteUserAgentServer === this.#uas) this.#onNoAck();
    });
  }
}
