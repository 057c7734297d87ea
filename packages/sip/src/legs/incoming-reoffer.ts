import type { Reoffer, SdpText, SipHeaders } from '@sordino/interception';
import {
  ReInviteUserAgentServer,
  type SessionDialog,
  TransactionState,
  type UserAgentServer,
} from 'sip.js/lib/core/index.js';
import type { EdgeRequest } from '../core/edge-message.ts';
import { headerLines } from '../core/header-lines.ts';
import { refreshTarget } from '../core/library-internals.ts';
import { ALLOW_LINE } from '../core/screening.ts';
import { sdpBody } from '../core/session-body.ts';
import type { LegContext } from './leg-context.ts';
import type { SessionRefresh } from './session-refresh.ts';

/**
 * A re-INVITE, or an UPDATE with an offer, of the peer until it is answered, once: by the application, by CANCEL, by the end of
 * the leg, or by the clock.
 */
export class IncomingReoffer implements Reoffer {
  readonly method: Reoffer['method'];
  readonly sdp: SdpText | undefined;
  readonly #context: LegContext;
  readonly #dialog: SessionDialog;
  readonly #server: UserAgentServer;
  readonly #session: SessionRefresh;
  readonly #onNoAck: () => void;
  readonly #stopClock: () => void;
  #answered = false;

  constructor(
    context: LegContext,
    parts: {
      readonly dialog: SessionDialog;
      readonly server: UserAgentServer;
      readonly session: SessionRefresh;
      readonly onNoAck: () => void;
    },
  ) {
    this.#context = context;
    this.#dialog = parts.dialog;
    this.#server = parts.server;
    this.#session = parts.session;
    this.#onNoAck = parts.onNoAck;
    this.method = parts.server instanceof ReInviteUserAgentServer ? 'INVITE' : 'UPDATE';
    this.sdp = this.#request.sdp;
    parts.server.delegate = { onCancel: () => this.reject(487) };
    this.#stopClock = context.scheduler.after(context.timing.reofferAnswerMs, () => {
      context.log.error('an offer of the peer was not answered by the application', { method: this.method });
      this.reject(500);
    });
  }

  get answered(): boolean {
    return this.#answered;
  }

  get wasOfferless(): boolean {
    return this.sdp === undefined;
  }

  accept(sdp: SdpText): void {
    const body = sdpBody(sdp);
    if (!this.#settle()) return;
    // RFC 3261 §12.1.1 asks for a Contact in each answer that refreshes the target; sip.js adds none.
    const extraHeaders = [this.#context.core.contactLine, ALLOW_LINE, ...this.#session.answer(this.#request)];
    this.#session.localSdp = sdp;
    if (this.method === 'INVITE') this.#watchForAck();
    else refreshTarget(this.#dialog, this.#request);
    this.#server.accept({ statusCode: 200, body, extraHeaders });
  }

  reject(status: number, headers?: SipHeaders): void {
    const extraHeaders = headerLines(headers);
    if (status < 400 || status > 699)
      throw new TypeError(`A ${this.method} cannot be refused with ${status}`);
    if (this.#settle()) this.#server.reject({ statusCode: status, extraHeaders });
  }

  /** RFC 3261 §15.1.2: what is still pending when the session ends is answered 487. */
  legEnded(): void {
    this.reject(487);
  }

  get #request(): EdgeRequest {
    return this.#server.message as EdgeRequest;
  }

  #settle(): boolean {
    if (this.#answered) return false;
    this.#answered = true;
    this.#stopClock();
    return true;
  }

  #watchForAck(): void {
    const { transaction } = this.#server;
    transaction.addStateChangeListener(() => {
      // Timer L: sip.js would refuse all later re-INVITEs of this dialog with 500 and say nothing.
      if (transaction.state !== TransactionState.Terminated) return;
      if (this.#dialog.reinviteUserAgentServer === this.#server) this.#onNoAck();
    });
  }
}
