import type { ReofferOutcome, SdpText, SipLegEnd } from '@sordino/interception';
import type { IncomingResponse, SessionDialog } from 'sip.js/lib/core/index.js';
import { type EdgeRequest, EdgeResponse } from '../core/edge-message.ts';
import { refreshTarget } from '../core/library-internals.ts';
import { ALLOW_LINE } from '../core/screening.ts';
import { endsDialog } from './dialog-ending.ts';
import type { LegContext } from './leg-context.ts';
import {
  answerLines,
  readMinSe,
  readSessionExpires,
  requestLines,
  type SessionPolicy,
  type SessionTerms,
  termsOfAnswer,
} from './session-expires.ts';
import { SessionTimer } from './session-timer.ts';

/** How often a peer may raise the interval (422) before we take its word for nothing. */
const RAISES_MAX = 3;

export interface SessionRefreshSide {
  /** The confirmed dialog; undefined while a request in it would be too early or too late. */
  dialog(): SessionDialog | undefined;
  reinvite(sdp: SdpText): Promise<ReofferOutcome>;
  /** To that re-INVITE: RFC 3264 §8 binds us by it as by any other answer. */
  reanswered(sdp: SdpText): void;
  /** The session is gone: the leg ends. */
  lost(end: SipLegEnd): void;
}

/** Keeps one leg's session alive (RFC 4028), by UPDATE where the peer allows it, else by a re-INVITE that changes nothing. */
export class SessionRefresh {
  /** What we said last and the peer took: a re-INVITE that repeats it changes nothing. */
  localSdp: SdpText | undefined;
  readonly #context: LegContext;
  readonly #side: SessionRefreshSide;
  readonly #timer: SessionTimer;
  readonly #policy: { expiresS: number; minSeS: number };
  #expiresS = 0;
  #weRefresh = false;
  #peerUpdates = false;
  #raises = 0;

  constructor(context: LegContext, side: SessionRefreshSide) {
    const { sessionExpiresS, minSeS } = context.timing;
    this.#context = context;
    this.#side = side;
    this.#policy = { expiresS: sessionExpiresS, minSeS };
    this.#timer = new SessionTimer(context.scheduler, {
      refresh: () => this.#refresh(),
      late: () => this.#lost('timeout', undefined, 'no session refresh in time'),
    });
  }

  /** We call: what to ask for, instead of what the endpoint would. */
  ask(policy: SessionPolicy | undefined): void {
    this.#policy.expiresS = policy?.expiresS ?? 0;
    this.#policy.minSeS = Math.max(policy?.minSeS ?? 0, this.#policy.minSeS);
    this.#expiresS = Math.max(this.#policy.expiresS, policy === undefined ? 0 : this.#policy.minSeS);
  }

  /** Which methods the peer takes; kept from the last message that said so. */
  learn(message: EdgeRequest | EdgeResponse): void {
    if (message.value('Allow') !== undefined) this.#peerUpdates = message.has('Allow', 'UPDATE');
  }

  /** For an INVITE, re-INVITE or UPDATE of ours. */
  requestLines(isFirst = false): string[] {
    if (this.#expiresS === 0) return [];
    const refresher = this.#weRefresh ? 'uac' : 'uas';
    return requestLines(this.#expiresS, this.#policy.minSeS, isFirst ? undefined : refresher);
  }

  /** Our 2xx to the peer's INVITE, re-INVITE or UPDATE: its lines; time begins anew. */
  answer(request: EdgeRequest): string[] {
    this.learn(request);
    const terms = termsOfAnswer(request, this.#policy);
    this.#agreed(terms, terms?.refresher === 'uas');
    return answerLines(terms);
  }

  /** The peer's 2xx to ours. One that says nothing leaves it to us, if we asked (RFC 4028 §7.2). */
  answered(response: EdgeResponse): void {
    this.learn(response);
    const said = readSessionExpires(response);
    const asked: SessionTerms | undefined =
      this.#expiresS === 0 ? undefined : { expiresS: this.#expiresS, refresher: 'uac' };
    // An interval below every minimum would make us send without end.
    const floorS = Math.min(this.#policy.minSeS, asked?.expiresS ?? this.#policy.minSeS);
    const terms = said && {
      expiresS: Math.max(said.expiresS, floorS),
      refresher: said.refresher ?? 'uac',
    };
    const agreed = terms ?? asked;
    this.#agreed(agreed, agreed?.refresher === 'uac');
  }

  /** 422: true when the same request is worth another try, with the peer's minimum (RFC 4028 §7.3). */
  raised(response: EdgeResponse): boolean {
    const minSeS = readMinSe(response);
    if (minSeS <= this.#expiresS || this.#raises >= RAISES_MAX) return false;
    this.#raises += 1;
    this.#expiresS = minSeS;
    this.#policy.minSeS = Math.max(this.#policy.minSeS, minSeS);
    return true;
  }

  stop(): void {
    this.#timer.stop();
  }

  #agreed(terms: SessionTerms | undefined, weRefresh: boolean): void {
    this.#expiresS = terms?.expiresS ?? 0;
    this.#weRefresh = weRefresh;
    this.#raises = 0;
    this.#timer.agreed(terms && { expiresS: terms.expiresS, weRefresh });
  }

  #refresh(): void {
    const dialog = this.#side.dialog();
    if (dialog === undefined) this.#timer.refused();
    else if (this.#peerUpdates) this.#update(dialog);
    else if (this.localSdp === undefined) this.#timer.refused();
    else {
      // Its 2xx comes back through `answered`; 408 and 481 end the leg there.
      void this.#side.reinvite(this.localSdp).then((outcome) => {
        if (!outcome.ok) this.#timer.refused();
        else if (outcome.sdp !== undefined) this.#side.reanswered(outcome.sdp);
      });
    }
  }

  #update(dialog: SessionDialog): void {
    const { core } = this.#context;
    const extraHeaders = [core.contactLine, ALLOW_LINE, ...this.requestLines()];
    const request = dialog.createOutgoingRequestMessage('UPDATE', { extraHeaders });
    const refused = (response: IncomingResponse): void => this.#refused(response);
    core.request(request, {
      onAccept: ({ message }) => {
        refreshTarget(dialog, message);
        if (message instanceof EdgeResponse) this.answered(message);
      },
      onRedirect: refused,
      onReject: refused,
    });
  }

  #refused({ message }: IncomingResponse): void {
    const status = message.statusCode ?? 500;
    const fromPeer = message instanceof EdgeResponse;
    if (this.#timer.state !== 'refreshing') return;
    if (endsDialog(status)) {
      this.#lost(fromPeer ? 'peer' : 'timeout', status, `session refresh: ${status}`);
    } else if (status === 405 || status === 501) {
      this.#peerUpdates = false;
      this.#refresh();
    } else if (status === 422 && fromPeer && this.raised(message)) {
      this.#refresh();
    } else {
      this.#timer.refused();
    }
  }

  #lost(by: 'peer' | 'timeout', status: number | undefined, reason: string): void {
    this.#timer.stop();
    this.#side.lost({ by, how: 'lost', status, reason });
  }
}
