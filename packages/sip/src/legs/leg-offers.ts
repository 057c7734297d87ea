import type { Reoffer, ReofferOutcome, SdpText, SipLegEnd, SipLegState } from '@sordino/interception';
import type { ReInviteUserAgentServer, SessionDialog, UserAgentServer } from 'sip.js/lib/core/index.js';
import type { EdgeRequest } from '../core/edge-message.ts';
import { IncomingReoffer } from './incoming-reoffer.ts';
import { answerUpdate, type OpenOffer } from './incoming-update.ts';
import type { LegContext } from './leg-context.ts';
import { OutgoingReoffer } from './outgoing-reoffer.ts';
import { SessionRefresh } from './session-refresh.ts';

/** What the offers of a leg need to know of it. */
export interface LegOffersSide {
  readonly role: 'uas' | 'uac';
  readonly state: SipLegState;
  readonly dialog: SessionDialog | undefined;
  /** The application has a handler for offers of the peer. */
  readonly listens: boolean;
  reoffered(reoffer: Reoffer): void;
  /** Answer to an UPDATE without an offer. */
  refreshed(): number;
  /** The peer's answer to a refresh. */
  reanswered(sdp: SdpText): void;
  glared(): void;
  /** The dialog is gone. */
  lost(end: SipLegEnd): void;
}

/** Offers after the first one, of both sides: one at a time (RFC 3261 §14, RFC 3311 §5), and the refreshes that take their way. */
export class LegOffers {
  readonly session: SessionRefresh;
  readonly #context: LegContext;
  readonly #side: LegOffersSide;
  #outgoing: OutgoingReoffer | undefined;
  #refreshing: Promise<ReofferOutcome> | undefined;
  #incoming: IncomingReoffer | undefined;

  constructor(context: LegContext, side: LegOffersSide) {
    this.#context = context;
    this.#side = side;
    this.session = new SessionRefresh(context, {
      dialog: () => (side.state === 'confirmed' ? side.dialog : undefined),
      reinvite: (sdp) => {
        const refresh = this.send(sdp);
        this.#refreshing = refresh;
        return refresh;
      },
      reanswered: (sdp) => side.reanswered(sdp),
      lost: (end) => side.lost(end),
    });
  }

  /** An accepted re-INVITE had no offer, so that its ACK has the answer to ours. */
  get awaitsAnswerInAck(): boolean {
    return this.#incoming?.wasOfferless === true;
  }

  /** Our re-INVITE. */
  async send(sdp: SdpText | undefined): Promise<ReofferOutcome> {
    // The application does not know that the stack is refreshing the session: it waits for its turn, and is not refused.
    if (this.#refreshing !== undefined) await this.#refreshing;
    const { dialog, state, role } = this.#side;
    if (dialog === undefined || (state !== 'accepted' && state !== 'confirmed')) {
      return { ok: false, status: 481 };
    }
    if (this.#outgoing?.running === true) return { ok: false, status: 491 };
    const reoffer = new OutgoingReoffer(this.#context, dialog, sdp, {
      ownsCallId: role === 'uac',
      mayStart: () => this.#side.state === 'confirmed',
      glared: () => this.#side.glared(),
      hangup: (end) => this.#side.lost(end),
      session: this.session,
    });
    this.#outgoing = reoffer;
    return reoffer.run();
  }

  onReinvite(server: ReInviteUserAgentServer): void {
    server.trying();
    this.#take(server);
  }

  onUpdate(server: UserAgentServer, request: EdgeRequest): void {
    const { dialog } = this.#side;
    if (dialog === undefined) {
      server.reject({ statusCode: 481 });
      return;
    }
    answerUpdate(this.#context, {
      dialog,
      server,
      request,
      session: this.session,
      openOffer: this.#openOffer,
      offered: () => this.#take(server),
      refreshed: () => this.#side.refreshed(),
    });
  }

  legEnded(): void {
    this.session.stop();
    this.#outgoing?.legEnded();
    this.#incoming?.legEnded();
  }

  /** Whose offer has no answer yet, so that an UPDATE cannot bring another one. */
  get #openOffer(): OpenOffer {
    const { role, state, dialog } = this.#side;
    if (this.#outgoing?.running === true) return 'ours';
    if (this.#incoming?.answered === false) return 'theirs';
    if (state === 'confirmed') {
      const ackIsDue = dialog?.reinviteUserAgentServer !== undefined;
      return ackIsDue && this.awaitsAnswerInAck ? 'ours' : undefined;
    }
    return role === 'uas' && state === 'accepted' ? 'ours' : 'theirs';
  }

  #take(server: UserAgentServer): void {
    const { dialog, listens, state } = this.#side;
    if (dialog === undefined || !listens || state === 'ending') {
      server.reject({ statusCode: 488 });
      return;
    }
    const reoffer = new IncomingReoffer(this.#context, {
      dialog,
      server,
      session: this.session,
      // RFC 3261 §14.2: the 2xx of a re-INVITE was never acknowledged.
      onNoAck: () => this.#side.lost({ by: 'timeout', how: 'no_ack', status: undefined, reason: 'no ACK' }),
    });
    this.#incoming = reoffer;
    this.#side.reoffered(reoffer);
  }
}
