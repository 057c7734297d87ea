import type { Cancel } from '@sordino/core';
import type { ReofferOutcome, SdpText, SipLegEnd } from '@sordino/interception';
import type {
  AckableIncomingResponseWithSession,
  IncomingResponse,
  ReInviteUserAgentClient,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import { EdgeResponse } from '../core/edge-message.ts';
import { eject, isPending, refreshTarget } from '../core/library-internals.ts';
import { ALLOW_LINE } from '../core/screening.ts';
import { sdpBody } from '../core/session-body.ts';
import { endsDialog } from './dialog-ending.ts';
import type { LegContext } from './leg-context.ts';
import { glareDelayMs } from './leg-timing.ts';
import { refusedMedia } from './refused-media.ts';
import type { SessionRefresh } from './session-refresh.ts';

export interface ReofferSide {
  readonly ownsCallId: boolean;
  /** False while the ACK of the INVITE is outstanding (RFC 3261 §14.1: no second INVITE before). */
  mayStart(): boolean;
  /** The peer's re-INVITE met ours. */
  glared(): void;
  hangup(end: SipLegEnd): void;
  readonly session: SessionRefresh;
}

/** One re-INVITE of ours with all its attempts: glare is tried again inside (RFC 3261 §14.1). */
export class OutgoingReoffer {
  readonly #context: LegContext;
  readonly #dialog: SessionDialog;
  readonly #offer: SdpText | undefined;
  readonly #side: ReofferSide;
  readonly #giveUpAtMs: number;
  #resolve: ((outcome: ReofferOutcome) => void) | undefined;
  #client: ReInviteUserAgentClient | undefined;
  #stopTimer: Cancel = () => {};
  /** Acknowledges the offer of a 2xx that the application has not answered. */
  #acknowledgeAnyhow: (() => void) | undefined;

  constructor(context: LegContext, dialog: SessionDialog, offer: SdpText | undefined, side: ReofferSide) {
    this.#context = context;
    this.#dialog = dialog;
    this.#offer = offer;
    this.#side = side;
    this.#giveUpAtMs = context.scheduler.monotonicMs() + context.timing.glareMs;
  }

  get running(): boolean {
    return this.#resolve !== undefined || this.#acknowledgeAnyhow !== undefined;
  }

  run(): Promise<ReofferOutcome> {
    if (this.#offer !== undefined) sdpBody(this.#offer);
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#attempt();
    });
  }

  legEnded(): void {
    this.#stopTimer();
    this.#acknowledgeAnyhow?.();
    this.#settle({ ok: false, status: 481 });
    const client = this.#client;
    // C9: nothing in sip.js ends a transaction whose peer said 100 and then no more.
    if (client !== undefined && isPending(client)) {
      this.#context.scheduler.after(this.#context.timing.ejectMs, () => eject(client));
    }
  }

  #attempt(): void {
    const { reinviteUserAgentServer, reinviteUserAgentClient } = this.#dialog;
    // Glare that we can see ourselves: the peer's re-INVITE is being answered.
    const busy = reinviteUserAgentServer !== undefined || reinviteUserAgentClient !== undefined;
    if (busy || !this.#side.mayStart()) {
      this.#retryLater();
      return;
    }
    this.#client = this.#dialog.invite(
      {
        onAccept: (response) => this.#accepted(response),
        onRedirect: (response) => this.#refused(response),
        onReject: (response) => this.#refused(response),
      },
      {
        extraHeaders: [this.#context.core.contactLine, ALLOW_LINE, ...this.#side.session.requestLines()],
        ...(this.#offer === undefined ? {} : { body: sdpBody(this.#offer) }),
      },
    ) as ReInviteUserAgentClient;
    this.#stopTimer = this.#context.scheduler.after(this.#context.timing.reofferFinalMs, () => {
      // RFC 3261 §14.1: no response is as a 408: the dialog is terminated.
      this.#fail(408, 'timeout');
    });
  }

  #retryLater(): void {
    const delayMs = glareDelayMs(this.#side.ownsCallId, Math.random());
    const { scheduler } = this.#context;
    if (scheduler.monotonicMs() + delayMs > this.#giveUpAtMs) {
      this.#settle({ ok: false, status: 491 });
      return;
    }
    this.#stopTimer = scheduler.after(delayMs, () => this.#attempt());
  }

  #accepted({ message, ack }: AckableIncomingResponseWithSession): void {
    this.#stopTimer();
    refreshTarget(this.#dialog, message);
    const sdp = message instanceof EdgeResponse ? message.sdp : undefined;
    if (message instanceof EdgeResponse) this.#side.session.answered(message);
    if (this.#offer !== undefined) this.#side.session.localSdp = this.#offer;
    // Also when the leg has ended meanwhile: a 2xx is always acknowledged.
    if (this.#offer !== undefined || sdp === undefined) {
      ack();
      this.#settle({ ok: true, sdp, acknowledge: () => {} });
      return;
    }
    let acknowledged = false;
    const acknowledge = (answer: SdpText): void => {
      const body = sdpBody(answer);
      if (acknowledged) return;
      acknowledged = true;
      this.#acknowledgeAnyhow = undefined;
      this.#stopTimer();
      this.#side.session.localSdp = answer;
      ack({ body });
    };
    this.#acknowledgeAnyhow = () => acknowledge(refusedMedia(sdp));
    if (this.#resolve === undefined) {
      this.#acknowledgeAnyhow();
      return;
    }
    this.#stopTimer = this.#context.scheduler.after(this.#context.timing.acknowledgeMs, () => {
      this.#context.log.error('the offer in a 2xx to our re-INVITE was not answered by the application');
      this.#side.hangup({ by: 'us', how: 'bye', status: undefined, reason: undefined });
    });
    this.#settle({ ok: true, sdp, acknowledge });
  }

  #refused({ message }: IncomingResponse): void {
    this.#stopTimer();
    if (this.#resolve === undefined) return;
    const status = message.statusCode ?? 500;
    if (status === 491) {
      this.#side.glared();
      this.#retryLater();
      return;
    }
    const fromPeer = message instanceof EdgeResponse;
    if (status === 422 && fromPeer && this.#side.session.raised(message)) {
      this.#attempt();
      return;
    }
    // RFC 3261 §14.1 with §12.2.1.2: any other refusal leaves the dialog as it was.
    if (endsDialog(status)) {
      this.#fail(status, fromPeer ? 'peer' : 'timeout');
      return;
    }
    this.#settle({ ok: false, status });
  }

  #fail(status: number, by: 'peer' | 'timeout'): void {
    this.#settle({ ok: false, status });
    this.#side.hangup({ by, how: 'lost', status, reason: `re-INVITE: ${status}` });
  }

  #settle(outcome: ReofferOutcome): void {
    this.#resolve?.(outcome);
    this.#resolve = undefined;
  }
}
