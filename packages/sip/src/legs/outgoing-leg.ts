import type { OutgoingInvite, SdpText, SipLegEnd, SipLegHandlers, SipReason } from '@sordino/interception';
import type {
  AckableIncomingResponseWithSession,
  IncomingResponse,
  InviteUserAgentClient,
  OutgoingInviteRequest,
  OutgoingInviteRequestDelegate,
  PrackableIncomingResponseWithSession,
  SessionDialog,
} from 'sip.js/lib/core/index.js';
import type { Send } from '../core/edge-core.ts';
import { EdgeResponse } from '../core/edge-message.ts';
import { closingLines, headerLines } from '../core/header-lines.ts';
import { eject, isPending, refreshTarget } from '../core/library-internals.ts';
import { ALLOW_LINE, OPTION_TAGS } from '../core/screening.ts';
import { sdpBody } from '../core/session-body.ts';
import { makeSessionUuid } from '../core/session-identity.ts';
import { makeCallId, makeTag } from '../core/tokens.ts';
import { WireUri } from '../core/wire-uri.ts';
import { replacesValue } from '../refer/replaces.ts';
import type { SipAddress } from '../router/transport.ts';
import { Leg } from './leg.ts';
import type { LegContext } from './leg-context.ts';
import { type LegSeed, seedOfOutgoing } from './leg-seed.ts';
import { refusedMedia } from './refused-media.ts';

/** Of the BYE for a 2xx that crossed our CANCEL, or came from a second branch. */
const UNWANTED = closingLines({ protocol: 'SIP', cause: 487, text: 'answered too late' });

/** The leg of an INVITE of ours. */
export class OutgoingLeg extends Leg {
  readonly role = 'uac';
  readonly callId = makeCallId();
  readonly #tag = makeTag();
  protected seed: LegSeed | undefined;
  #delayedOffer = false;
  #client: InviteUserAgentClient | undefined;
  /** Addresses that are left, the one in use first; empty: the target is an address. */
  #ways: readonly Send[] = [];
  /** Counts the INVITEs: answers to one that was given up for another address are not the leg's. */
  #attempt = 0;
  /** The 2xx whose offer waits for our answer. */
  #unanswered:
    | { readonly offer: SdpText; readonly ack: AckableIncomingResponseWithSession['ack'] }
    | undefined;

  /** RFC 3262 §5: a reliable 183 has the answer, and the 200 after it need not. */
  #earlyAnswer: { readonly dialogId: string; readonly sdp: SdpText } | undefined;

  constructor(context: LegContext, handlers: SipLegHandlers, sessionUuid = makeSessionUuid()) {
    super(context, 'dialing', sessionUuid);
    this.attach(handlers);
  }

  /** Sends the INVITE, by the first of `ways` that leads somewhere. What cannot be sent ends the leg. */
  start(call: OutgoingInvite, target: WireUri, ways: readonly Send[] = []): void {
    try {
      this.#ways = ways;
      this.#delayedOffer = call.offer === undefined;
      this.session.ask(call.sessionTimer);
      this.session.localSdp = call.offer;
      this.identify();
      // RFC 3261 §16.6, timer C: no INVITE of ours rings for longer, whatever the application would bear.
      this.guard(Math.min(call.answerTimeoutMs, this.context.timing.timerCMs), () => this.#noAnswer());
      this.#invite(call, target, 1);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** Its INVITE leaves: the first one, or another try with another branch, number or next hop. */
  sending(invite: string, address: SipAddress): void {
    const sinceMs = this.seed?.sinceMs ?? this.context.scheduler.wallMs();
    this.seed = seedOfOutgoing(this.id, invite, address, sinceMs) ?? this.seed;
  }

  fail(problem: string): void {
    this.context.log.warn('INVITE cannot be sent', { leg: this.id, problem });
    this.finish({ by: 'transport', how: 'lost', status: undefined, reason: problem });
  }

  ring(): void {
    this.#notOurs('ring');
  }

  accept(): void {
    this.#notOurs('accept');
  }

  reject(): void {
    this.#notOurs('reject');
  }

  acknowledge(answer: SdpText): void {
    const body = sdpBody(answer);
    const unanswered = this.#unanswered;
    if (unanswered === undefined || this.state !== 'accepted') {
      this.#notOurs('acknowledge');
      return;
    }
    this.#unanswered = undefined;
    this.session.localSdp = answer;
    unanswered.ack({ body });
    this.move('acknowledged');
  }

  protected closeUnanswered(lines: string[], reason: SipReason | undefined): void {
    this.move('closing');
    this.#cancel(lines);
    this.guard(this.context.timing.cancelAnswerMs, () =>
      this.finish({ by: 'us', how: 'canceled', status: undefined, reason: reason?.text }),
    );
  }

  protected acknowledgeForBye(): void {
    const unanswered = this.#unanswered;
    this.#unanswered = undefined;
    unanswered?.ack({ body: sdpBody(refusedMedia(unanswered.offer)) });
  }

  #invite(call: OutgoingInvite, target: WireUri, cseq: number): void {
    const { core } = this.context;
    const from = WireUri.parse(call.from ?? core.contactUri);
    if (from === undefined) throw new TypeError(`From ${JSON.stringify(call.from)} is not a sip URI`);
    const request = core.makeOutgoingRequestMessage(
      'INVITE',
      target,
      from,
      target,
      {
        callId: this.callId,
        fromTag: this.#tag,
        cseq,
        // An offer in a reliable 183 would want its answer in the PRACK: we ask for none.
        ...(this.#delayedOffer ? { optionTags: OPTION_TAGS.filter((tag) => tag !== '100rel') } : {}),
      },
      [
        core.contactLine,
        ALLOW_LINE,
        ...this.session.requestLines(true),
        // RFC 3891 §6.2: a peer that does not know Replaces must refuse, not take the INVITE for a new call.
        ...(call.replaces === undefined
          ? []
          : ['Require: replaces', `Replaces: ${replacesValue(call.replaces)}`]),
        ...headerLines(call.headers),
      ],
      call.offer === undefined ? undefined : sdpBody(call.offer),
    );
    // C2: whatever cannot be printed must fail here, before a transaction has armed its timers.
    request.toString();
    const attempt = ++this.#attempt;
    const isCurrent = (): boolean => attempt === this.#attempt;
    const again = (by: number): void =>
      this.attempt('INVITE', () => this.#invite(call, target, request.cseq + by));
    const stopWaiting = this.#waitForFirstAnswer(isCurrent, () => again(0));
    const delegate: OutgoingInviteRequestDelegate = {
      onTrying: stopWaiting,
      onProgress: (response) => {
        stopWaiting();
        if (isCurrent()) this.#progress(response);
      },
      onAccept: (response) => {
        stopWaiting();
        if (isCurrent()) this.#accepted(response);
        else closeStray(response, this.#delayedOffer);
      },
      onRedirect: (response) => {
        stopWaiting();
        if (isCurrent()) this.#refused(response);
      },
      onReject: (response) => {
        stopWaiting();
        if (!isCurrent()) return;
        if (this.#wantsLonger(response)) again(1);
        else if (this.#leadsNowhere(response)) this.#nextWay(() => again(0));
        else this.#refused(response);
      },
    };
    const [way] = this.#ways;
    const invite = (): OutgoingInviteRequest => core.invite(request, delegate);
    this.#client = (way === undefined ? invite() : core.sendingBy(way, invite)) as InviteUserAgentClient;
  }

  /** RFC 3263 §4.3: a transport error, silence or a 503 means the next address, if there is one. */
  #leadsNowhere({ message }: IncomingResponse): boolean {
    const open = this.state === 'dialing' || this.state === 'early';
    const { statusCode } = message;
    return (
      open &&
      this.#ways.length > 1 &&
      (statusCode === 503 || (statusCode === 408 && !(message instanceof EdgeResponse)))
    );
  }

  /** The same request with another branch (RFC 3263 §4.3). */
  #nextWay(again: () => void): void {
    this.#ways = this.#ways.slice(1);
    again();
  }

  #waitForFirstAnswer(isCurrent: () => boolean, again: () => void): () => void {
    if (this.#ways.length < 2) return () => {};
    return this.guard(this.context.timing.addressMs, () => {
      if (!isCurrent() || this.state !== 'dialing') return;
      // Should it ring there after all, it is cancelled; a 2xx is acknowledged and ended.
      this.#cancel(closingLines({ protocol: 'SIP', cause: 408, text: 'no answer in time' }));
      this.#nextWay(again);
    });
  }

  /** RFC 4028 §7.3: 422, and we may ask again. */
  #wantsLonger({ message }: IncomingResponse): boolean {
    const open = this.state === 'dialing' || this.state === 'early';
    return (
      open && message.statusCode === 422 && message instanceof EdgeResponse && this.session.raised(message)
    );
  }

  #progress({ message, session, prack }: PrackableIncomingResponseWithSession): void {
    if (this.state !== 'dialing' && this.state !== 'early') return;
    if (!(message instanceof EdgeResponse)) return;
    this.move('provisional');
    this.sessionDialog = session as SessionDialog;
    const { sdp, rseq } = message;
    if (rseq !== undefined) {
      // sip.js has dropped repetitions and what came out of order (RFC 3262 §4).
      prack({ extraHeaders: [`RAck: ${rseq} ${message.cseq} INVITE`] });
      if (sdp !== undefined) this.#earlyAnswer = { dialogId: session.id, sdp };
    }
    this.tell('progress', message.statusCode ?? 0, sdp);
  }

  #accepted({ message, session, ack }: AckableIncomingResponseWithSession): void {
    const dialog = session as SessionDialog;
    refreshTarget(dialog, message);
    const early = this.#earlyAnswer?.dialogId === dialog.id ? this.#earlyAnswer.sdp : undefined;
    const sdp = (message instanceof EdgeResponse ? message.sdp : undefined) ?? early;
    if (this.state !== 'dialing' && this.state !== 'early') {
      // It crossed our CANCEL, or it is the second branch of a forked INVITE (RFC 3261 §13.2.2.4): one leg has one dialog.
      this.#closeUnwanted(dialog, ack, sdp);
      return;
    }
    this.move('success');
    this.adopt(dialog);
    if (message instanceof EdgeResponse) this.session.answered(message);
    if (this.#delayedOffer && sdp !== undefined) {
      this.#unanswered = { offer: sdp, ack };
      this.guard(this.context.timing.acknowledgeMs, () => {
        if (this.#unanswered === undefined) return;
        this.context.log.error('the offer in a 2xx was not answered by the application', { leg: this.id });
        this.hangup();
      });
    } else {
      // Before the ACK leaves: the book is written then, and is to say once what will be.
      this.move('acknowledged');
      ack();
    }
    this.tell('answered', sdp);
  }

  #closeUnwanted(dialog: SessionDialog, ack: AckableIncomingResponseWithSession['ack'], sdp?: SdpText): void {
    const needsAnswer = this.#delayedOffer && sdp !== undefined;
    ack(needsAnswer ? { body: sdpBody(refusedMedia(sdp)) } : {});
    if (this.state === 'ending' && this.sessionDialog?.delegate === undefined) {
      this.adopt(dialog);
      this.sendBye(UNWANTED, { by: 'us', how: 'canceled', status: undefined, reason: undefined });
    } else {
      dialog.bye(undefined, { extraHeaders: UNWANTED });
    }
  }

  protected override finish(end: SipLegEnd): void {
    if (this.#client !== undefined) this.#client.delegate = this.#delayedOffer ? STRAY_OFFER : STRAY;
    super.finish(end);
  }

  #refused({ message }: IncomingResponse): void {
    const status = message.statusCode;
    if (message instanceof EdgeResponse) {
      const reason = message.explanation;
      const canceled = this.state === 'ending';
      this.finish(
        canceled
          ? { by: 'us', how: 'canceled', status, reason }
          : { by: 'peer', how: 'rejected', status, reason },
      );
    } else if (status === 408) {
      // RFC 3261 §8.1.3.1: sip.js makes a 408 of timer B and a 503 of a transport error.
      this.finish({ by: 'timeout', how: 'no_answer', status: undefined, reason: undefined });
    } else {
      this.finish({ by: 'transport', how: 'lost', status: undefined, reason: 'cannot be sent' });
    }
  }

  #noAnswer(): void {
    if (this.state !== 'dialing' && this.state !== 'early') return;
    this.#cancel(closingLines({ protocol: 'SIP', cause: 408, text: 'no answer in time' }));
    this.finish({ by: 'timeout', how: 'no_answer', status: undefined, reason: undefined });
  }

  /** RFC 3261 §9.1. sip.js holds the CANCEL back until a provisional response is here. */
  #cancel(lines: string[]): void {
    const client = this.#client;
    if (client === undefined) return;
    client.cancel(undefined, { extraHeaders: lines });
    this.context.scheduler.after(this.context.timing.ejectMs, () => {
      if (isPending(client)) eject(client);
    });
  }

  #notOurs(what: string): void {
    this.context.log.debug('leg: call has no effect in this state', {
      leg: this.id,
      what,
      state: this.state,
    });
  }
}

/** A 2xx of an INVITE that nobody waits for any more: another branch of it, or one that was given up for another address. */
function closeStray(
  { message, session, ack }: AckableIncomingResponseWithSession,
  delayedOffer: boolean,
): void {
  const sdp = message instanceof EdgeResponse ? message.sdp : undefined;
  ack(delayedOffer && sdp !== undefined ? { body: sdpBody(refusedMedia(sdp)) } : {});
  session.bye(undefined, { extraHeaders: UNWANTED });
}

/** What the INVITE of a finished leg still listens for, without keeping the leg. */
const STRAY: OutgoingInviteRequestDelegate = { onAccept: (response) => closeStray(response, false) };
const STRAY_OFFER: OutgoingInviteRequestDelegate = { onAccept: (response) => closeStray(response, true) };
