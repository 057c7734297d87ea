import type {
  IncomingInvite,
  SdpText,
  SipHeaders,
  SipLegEnd,
  SipLegHandlers,
  SipReason,
} from '@sordino/interception';
import type { InviteUserAgentServer, SessionDialog, UserAgentServer } from 'sip.js/lib/core/index.js';
import { type DialogDelegate, retryAfterLine } from '../core/dialog-requests.ts';
import type { EdgeRequest } from '../core/edge-message.ts';
import { headerLines } from '../core/header-lines.ts';
import { refreshTarget, setLocalTag } from '../core/library-internals.ts';
import { ALLOW_LINE } from '../core/screening.ts';
import { sdpBody } from '../core/session-body.ts';
import { makeSessionUuid } from '../core/session-identity.ts';
import { makeTag } from '../core/tokens.ts';
import { canonicalHeaderName } from '../ingress/header-names.ts';
import { Leg, reasonOf } from './leg.ts';
import type { LegContext } from './leg-context.ts';
import { type LegSeed, seedOfIncoming } from './leg-seed.ts';
import { ReliableProvisional } from './reliable-provisional.ts';

/** The leg of an INVITE that came to us. */
export class IncomingLeg extends Leg {
  readonly role = 'uas';
  readonly callId: string;
  protected readonly seed: LegSeed;
  readonly #uas: InviteUserAgentServer;
  readonly #request: EdgeRequest;
  /** Only where the caller requires it: what it merely supports costs more messages and gains nothing here. */
  readonly #reliable: ReliableProvisional | undefined;

  constructor(context: LegContext, uas: InviteUserAgentServer, request: EdgeRequest) {
    super(context, 'offered', makeSessionUuid());
    this.#uas = uas;
    this.#request = request;
    this.callId = request.callId;
    this.identify(request.value('Session-ID'));
    this.#reliable = request.has('Require', '100rel')
      ? new ReliableProvisional(context, uas, () => this.#giveUp(504))
      : undefined;
    const tag = makeTag();
    setLocalTag(uas, tag);
    this.seed = seedOfIncoming(this.id, request, tag, context.scheduler.wallMs());
    uas.delegate = {
      onCancel: (message) => {
        if (this.state !== 'offered' && this.state !== 'early') return;
        // RFC 3261 §9.2: sip.js has answered the CANCEL; the INVITE is ours.
        uas.reject({ statusCode: 487 });
        this.finish({ by: 'peer', how: 'canceled', status: 487, reason: reasonOf(message) });
      },
      onTransportError: () => context.log.warn('an answer could not be sent', { leg: this.id }),
    };
    uas.trying();
    this.guard(context.timing.offeredMs, () => this.#giveUp(480));
  }

  ring(status: 180 | 183): void {
    if (this.state !== 'offered' && this.state !== 'early') {
      this.#tooLate('ring');
      return;
    }
    this.attempt('ring', () => {
      const session =
        this.#reliable === undefined
          ? this.#uas.progress({ statusCode: status }).session
          : this.#reliable.send(status);
      if (session === undefined) return;
      this.move('provisional');
      const dialog = session as SessionDialog;
      this.sessionDialog = dialog;
      dialog.delegate = this.#earlyDelegate(dialog);
    });
  }

  accept(sdp: SdpText, headers?: SipHeaders): void {
    const extraHeaders = headerLines(headers);
    const body = sdpBody(sdp);
    if (this.state !== 'offered' && this.state !== 'early') {
      this.#tooLate('accept');
      return;
    }
    this.ackOutstanding = true;
    this.move('success');
    this.#reliable?.stop();
    extraHeaders.push(...this.session.answer(this.#request));
    this.session.localSdp = sdp;
    this.attempt('accept', () => {
      const { session } = this.#uas.accept({ statusCode: 200, body, extraHeaders });
      this.adopt(session as SessionDialog);
    });
  }

  reject(status: number, headers?: SipHeaders): void {
    const extraHeaders = headerLines(headers);
    if (status < 400 || status > 699) throw new TypeError(`An INVITE cannot be refused with ${status}`);
    this.#refuse(status, extraHeaders, undefined);
  }

  acknowledge(): void {
    this.#tooLate('acknowledge');
  }

  protected closeUnanswered(lines: string[], reason: SipReason | undefined): void {
    this.#refuse(480, lines, reason?.text);
  }

  protected override onPrack(server: UserAgentServer, request: EdgeRequest): void {
    if (this.#reliable === undefined) super.onPrack(server, request);
    else this.#reliable.answerPrack(server, request);
  }

  protected override finish(end: SipLegEnd): void {
    this.#reliable?.stop();
    this.#uas.delegate = undefined;
    super.finish(end);
  }

  /** A UAS sends no ACK. */
  protected acknowledgeForBye(): void {}

  #earlyDelegate(dialog: SessionDialog): DialogDelegate {
    return {
      // RFC 3261 §15: a caller may end an early dialog by BYE; its INVITE is then answered 487.
      onBye: (request) => {
        request.accept();
        if (this.state !== 'early') return;
        this.#uas.reject({ statusCode: 487 });
        this.finish({ by: 'peer', how: 'canceled', status: 487, reason: reasonOf(request.message) });
      },
      // RFC 3311 §5.2: the INVITE comes first, whoever has to make the offer in it.
      onUpdateRequest: (server, request) => {
        if (request.sdp !== undefined) {
          server.reject({ statusCode: 500, extraHeaders: [retryAfterLine()] });
          return;
        }
        refreshTarget(dialog, request);
        server.accept({ statusCode: 200, extraHeaders: [this.context.core.contactLine, ALLOW_LINE] });
      },
      onPrackRequest: (server, request) => this.onPrack(server, request),
    };
  }

  #giveUp(status: 480 | 504): void {
    if (this.state !== 'offered' && this.state !== 'early') return;
    this.#uas.reject({ statusCode: status });
    this.finish({ by: 'timeout', how: 'no_answer', status, reason: undefined });
  }

  #refuse(status: number, extraHeaders: string[], reason: string | undefined): void {
    if (this.state !== 'offered' && this.state !== 'early') {
      this.#tooLate('reject');
      return;
    }
    this.attempt('reject', () => this.#uas.reject({ statusCode: status, extraHeaders }));
    this.finish({ by: 'us', how: 'rejected', status, reason });
  }

  /** The peer was faster (CANCEL, BYE): `ended` has been told or is about to be. */
  #tooLate(what: string): void {
    this.context.log.debug('leg: call has no effect in this state', {
      leg: this.id,
      what,
      state: this.state,
    });
  }
}

/** What the application sees of the INVITE. */
export function describeInvite(request: EdgeRequest): IncomingInvite {
  const { parsed, flow } = request;
  return {
    requestUri: parsed.requestUri.text,
    requestUser: parsed.requestUri.rawUser,
    callId: parsed.callId,
    fromUri: parsed.from.uri.text,
    fromUser: parsed.from.uri.rawUser,
    toUri: parsed.to.uri.text,
    header: (name) => request.values(canonicalHeaderName(name)),
    sdp: request.sdp,
    platforms: request.admittedAs,
    source: { transport: flow.protocol, host: flow.remote.host, port: flow.remote.port },
  };
}

/** Answers for an application that failed before it returned its handlers. */
export const noHandlers: SipLegHandlers = { ended: () => {} };
